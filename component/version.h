/* SPDX-License-Identifier: MIT */
/* Which tombolo this is, and with which libraries it runs. */
#ifndef TOMBOLO_VERSION_H
#define TOMBOLO_VERSION_H

#include "component/exit_codes.h"

enum exit_code version_run(void); /* prints on stdout */

#endif
