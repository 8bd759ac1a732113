/* SPDX-License-Identifier: MIT */
/* What a barrier's answer means depends on the server behind the recipient's domain. It is found out once per domain and
 * link life, beside the first delivery to it: which server is it, and how does it answer a ping to a user without any
 * history with the sender? Facts measured: Prosody 0.12 answers in order, ejabberd 23.01 does not. */
#ifndef TOMBOLO_BARRIER_CALIBRATION_H
#define TOMBOLO_BARRIER_CALIBRATION_H

#include "xmppside/iq.h"

enum { CALIBRATION_MAX_DOMAINS = 256 };

struct xmppside_domain {
	struct str name;
	bool in_order; /* the first ping's answer proves it all: no other ping needed */
	bool pings_anyone; /* a ping is normally answered with a result: an error in its place is a refusal */
	struct xmppside_iq version, ping;
	struct str nobody; /* the address that `ping` asks */
	UT_hash_handle hh;
};
struct xmppside_domains {
	struct xmppside_iqs *iqs;
	struct xmppside_domain *known;
};

void xmppside_domains_init(struct xmppside_domains *domains, struct xmppside_iqs *iqs);
/* What is known about the domain of `to`; on the first call for it the questions are appended to `out`, asked by `from`.
 * NULL where too many domains are known: then nothing is, and the careful way is right. Until the answers are there,
 * the record says the careful things as well. */
struct xmppside_domain *xmppside_domain(
	struct xmppside_domains *domains, struct buf *out, const struct x_jid *from, const struct x_jid *to);
void xmppside_domains_forget(struct xmppside_domains *domains); /* all of them, with the questions still open */

#endif
