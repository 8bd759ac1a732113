/* SPDX-License-Identifier: MIT */
/* The parts of `tombolo check` that need the network, on a loop of their own. */
#ifndef TOMBOLO_CHECK_NETWORK_H
#define TOMBOLO_CHECK_NETWORK_H

#include <sys/types.h>
#include "component/config/config.h"
#include "component/operate/check_report.h"

/* Does our own name lead anywhere, as seen from here. At most three seconds. */
void check_node(struct check_report *r, const struct config *c);
/* Can each address of sip.listen be bound. running: the daemon that may hold them, 0: none. false: at least one is no
 * address of this machine, which was reported. */
bool check_listen(struct check_report *r, const struct config *c, pid_t running);
/* A real log-in to each component (unless running) and OPTIONS to each route, all at once, within ten seconds.
 * listens: what check_listen() found; false: no request can be sent, the routes are skipped. */
void check_links_and_routes(struct check_report *r, const struct config *c, pid_t running, bool listens);

#endif
