/* SPDX-License-Identifier: MIT */
/* `tombolo check`: looks at the whole chain and says what it found, what that means and what to do about it. */
#ifndef TOMBOLO_CHECK_H
#define TOMBOLO_CHECK_H

#include <stdbool.h>
#include "component/exit_codes.h"

/* Prints on stdout. 0: all is well, 1: warnings, 2: problems. Sends OPTIONS to each route and logs in to each component,
 * but only where no tombolo is running here: a second log-in would take its messages (ejabberd balances between
 * connections) or be refused (Prosody). */
enum exit_code check_run(const char *config_path, bool json);

#endif
