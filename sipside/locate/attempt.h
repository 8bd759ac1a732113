/* SPDX-License-Identifier: MIT */
/* One request on its way out: which host, which transport, and who is next while the request provably did not arrive
 * (nobody listens, no such host). Everything else is an outcome and is reported. */
#ifndef TOMBOLO_ATTEMPT_H
#define TOMBOLO_ATTEMPT_H

#include "sipside/locate/domains.h"

enum { ATTEMPT_UDP_BYTES = 1300 }; /* above it a request goes by a stream (RFC 3261 18.1.1) */

struct attempt;
/* No callback fires before attempt_send() has returned. */
struct attempt_owner {
	/* As struct sipside_client_owner: after the final answer of anything but a 2xx to INVITE the pointer is dead. */
	void (*answer)(void *arg, const struct sipside_msg *m, const struct sipside_target *from);
	/* not_processed: the request provably did not arrive anywhere. The pointer is dead. */
	void (*failed)(void *arg, enum reason why, struct str words, bool not_processed);
	void (*over)(void *arg); /* INVITE: no more 2xx will come; the pointer is dead. May be NULL */
};
struct attempt_order {
	const struct sipside_outgoing *request; /* headers without Contact, Record-Route and User-Agent: added here */
	struct str next_hop; /* the URI whose host gets it; empty: the domain's routes, by priority */
	struct route *only; /* this route and no other; NULL: any */
	uint32_t *
		cseq; /* the dialog's last CSeq, raised where a challenge is answered; NULL: there is no dialog. Lives as
	                 * long as the owner wants to hear */
	bool contact; /* carries a Contact */
	bool record_route; /* and, where the profile wants it, our Record-Route */
};
struct attempt *attempt_send(
	struct sipside_domain *d, const struct attempt_order *order, const struct attempt_owner *owner, void *arg);
/* No callback any more; what is on the wire goes on by itself. */
void attempt_abandon(struct attempt *a);
/* CANCEL an INVITE; its outcome follows. One that has not left fails with REASON_GIVEN_UP. */
void attempt_cancel(struct attempt *a);
/* Ends all that are still looking for an address, with REASON_SHUTTING_DOWN; the transactions are gone already. */
void attempt_end_all(struct locate *l);

#endif
