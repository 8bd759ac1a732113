/* SPDX-License-Identifier: MIT */
/* What the program's exit says; sysexits(3) where it has a word for it. */
#ifndef TOMBOLO_EXIT_CODES_H
#define TOMBOLO_EXIT_CODES_H

enum exit_code {
	EXIT_GOOD = 0,
	EXIT_WARNING = 1,
	EXIT_PROBLEM = 2,
	EXIT_NOT_RUNNING = 3,
	EXIT_USAGE = 64,
	EXIT_CANNOT_BIND = 69,
	EXIT_BAD_CONFIG = 78, /* systemd: RestartPreventExitStatus */
};

#endif
