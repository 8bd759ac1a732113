/* SPDX-License-Identifier: MIT */
/* One daemon to each storage: a lock on "FILE.lock" beside the SQLite file, held by the process, so that it cannot stay
 * behind. A store in memory has none. */
#ifndef TOMBOLO_RUNNING_H
#define TOMBOLO_RUNNING_H

#include <stdbool.h>
#include <sys/types.h>
#include "mapping/base/str.h"

/* The daemon that holds the storage's lock; 0: none (or not to be seen). */
pid_t running_pid(struct str storage_url);
/* Takes the lock until the process ends. false: another process has it, *holder says which; or *error is set. */
bool running_lock(struct str storage_url, pid_t *holder, int *error);

#endif
