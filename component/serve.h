/* SPDX-License-Identifier: MIT */
/* `tombolo serve`: the daemon, in the foreground. */
#ifndef TOMBOLO_SERVE_H
#define TOMBOLO_SERVE_H

#include "component/exit_codes.h"

/* Runs until SIGTERM or SIGINT: then nothing new is let in and what is in flight has ten seconds; a second signal ends at
 * once. State stays in the store either way. */
enum exit_code serve_run(const char *config_path);

#endif
