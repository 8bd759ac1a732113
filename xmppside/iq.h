/* SPDX-License-Identifier: MIT */
/* Open requests of ours on one link: each ends once, with its answer, with a time-out, or with the link
 * (RFC 6120 8.2.3). The struct is embedded in the record that asks. */
#ifndef TOMBOLO_IQ_H
#define TOMBOLO_IQ_H

#include "mapping/base/env.h"
#include "mapping/base/hash.h"
#include "mapping/values.h"
#include "xmppside/syntax/element.h"

enum iq_end { IQ_RESULT, IQ_ERROR, IQ_TIMEOUT, IQ_LINK_LOST };

enum { IQ_ID_BYTES = 40 };

struct xmppside_iq {
	/* answer: the iq stanza of IQ_RESULT and IQ_ERROR, else NULL. The request is over and may be used anew. */
	void (*ended)(void *arg, enum iq_end how, const struct xmppside_element *answer);
	void *arg;
	/* The rest belongs to iq.c. */
	struct xmppside_iqs *owner; /* NULL: not open */
	char id_bytes[IQ_ID_BYTES];
	struct str id, to;
	struct timer deadline;
	UT_hash_handle hh;
};

struct xmppside_iqs {
	const struct env *env;
	struct xmppside_iq *open;
	uint64_t prefix, counter; /* ids nobody outside can guess */
};

void xmppside_iqs_init(struct xmppside_iqs *iqs, const struct env *env);
/* Opens a request and names it iq->id. to: who has to answer, as it will stand in the answer's `from`; the caller keeps
 * its bytes until the request is over. */
void xmppside_iq_open(struct xmppside_iqs *iqs, struct xmppside_iq *iq, struct str to, uint64_t due_ms);
void xmppside_iq_cancel(struct xmppside_iq *iq); /* one that is not open, too; `ended` is not called */
/* An iq of type result or error came. False where it answers nothing that is open. */
bool xmppside_iq_answer(struct xmppside_iqs *iqs, const struct xmppside_element *answer);
/* Ends all with IQ_LINK_LOST; none may be opened from inside `ended`. */
void xmppside_iqs_lose(struct xmppside_iqs *iqs);

#endif
