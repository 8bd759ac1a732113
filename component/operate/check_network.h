/* SPDX-License-Identifier: MIT */
/* The parts of `tombolo check` that need the network, on a loop of their own. */
#ifndef TOMBOLO_CHECK_NETWORK_H
#define TOMBOLO_CHECK_NETWORK_H

#include <sys/types.h>
#include "component/config/config.h"
#include "component/operate/check_report.h"

/* Can each address of sip.listen be bound. running: the daemon that may hold them, 0: none. */
void check_listen(struct check_report *r, const struct config *c, pid_t running);
/* A real log-in to each component (unless running) and OPTIONS to each route, all at once, within ten seconds. */
void check_links_and_routes(struct check_report *r, const struct config *c, pid_t running);

#endif
