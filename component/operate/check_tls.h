/* SPDX-License-Identifier: MIT */
/* What `tombolo check` says about certificates: ours, a route's, and what to do about a handshake that failed. */
#ifndef TOMBOLO_CHECK_TLS_H
#define TOMBOLO_CHECK_TLS_H

#include "component/config/config.h"
#include "component/operate/check_report.h"

enum { CHECK_CERTIFICATE_DAYS = 30 }; /* fewer are a warning */

/* Our own: its days, and whether it holds our name. Nothing where no TLS is configured. */
void check_own_certificate(struct check_report *r, const struct config *c, const struct sipside *sip, int64_t unix_ms);
/* Adds "TLSv1.3, certificate of NAMES, 80 more days" to words. CHECK_WARN: it runs out soon. */
enum check_state check_peer_certificate(const struct sipside_certificate *peer, int64_t unix_ms, struct buf *words);
/* What to do where sip.cert, key, ca or crl is wrong, in the words of sipside; never NULL. */
const char *check_own_remedy(struct str words);
/* What to do about a failure in the words of sipside/transport; never NULL. */
const char *check_tls_remedy(struct str words);

#endif
