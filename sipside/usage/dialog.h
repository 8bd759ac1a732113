/* SPDX-License-Identifier: MIT */
/* Dialog state (RFC 3261 section 12): what a request inside a dialog is made of, and how one is recognised. Header
 * values are kept as the peer wrote them: route sets may be signed, From and To carry parameters of their own. */
#ifndef TOMBOLO_DIALOG_H
#define TOMBOLO_DIALOG_H

#include "sipside/locate/domains.h"
#include "sipside/syntax/writer.h"

enum dialog_part {
	DIALOG_CALL_ID,
	DIALOG_LOCAL, /* our From value; ";tag=" and our tag are its end */
	DIALOG_REMOTE, /* the peer's value as it came, its tag within */
	DIALOG_TARGET, /* remote target URI, without angle brackets */
	DIALOG_ROUTES, /* route set, in the order of our Route lines, one value a line */
	DIALOG_EVENT_ID, /* id parameter of Event; mostly empty */
	DIALOG_PARTS
};
enum {
	DIALOG_MAX_BYTES = 16 * 1024, /* all parts together */
	DIALOG_CSEQ_BLOCK = 65536, /* numbers reserved at a time, so that a crash never re-uses one */
};

/* Embedded first in its usage. Small: a bridge keeps hundreds of thousands. */
struct dialog {
	struct dialog *next; /* of the same bucket; for dialog_table.c */
	char *text; /* the parts, one behind the other; owned */
	uint32_t hash; /* of the Call-ID; for dialog_table.c */
	uint32_t local_cseq; /* the last one we used */
	uint32_t reserved_cseq; /* the last one we may use before it has to be saved anew */
	uint32_t remote_cseq;
	uint16_t end[DIALOG_PARTS];
	uint16_t local_tag_n;
	uint16_t remote_tag_at, remote_tag_n; /* within the remote value */
	bool remote_cseq_known;
};

struct str dialog_part(const struct dialog *d, enum dialog_part part);
struct str dialog_local_tag(const struct dialog *d);
struct str dialog_remote_tag(const struct dialog *d); /* empty: not known yet, or a peer without tags (RFC 2543) */

/* -- Making one. All: false where the parts pass DIALOG_MAX_BYTES; then d is unchanged. */
/* Before the first answer. */
struct dialog_caller {
	struct str call_id, from, tag, to, target; /* From value without its tag, To value, Request-URI */
};
bool dialog_init_caller(struct dialog *d, const struct env *env, const struct dialog_caller *c);
/* From a request that asks for a dialog; tag is ours. false also without a Contact. */
bool dialog_init_called(struct dialog *d, const struct sipside_msg *m, struct str tag, const struct locate *self);
/* The answer that formed it: remote value, route set (reversed), target. self: our own Record-Routes are dropped. */
bool dialog_take_answer(struct dialog *d, const struct sipside_msg *m, const struct locate *self);
/* The first NOTIFY, which forms a subscriber's dialog (RFC 6665 4.4.1): route set in order. */
bool dialog_take_notify(struct dialog *d, const struct sipside_msg *m, const struct locate *self);
/* Target refresh; *changed says whether it is another URI now. */
bool dialog_refresh_target(struct dialog *d, const struct sipside_msg *m, bool *changed);
bool dialog_set_part(struct dialog *d, enum dialog_part part, struct str value);
bool dialog_set_parts(struct dialog *d, const struct str parts[DIALOG_PARTS]);
void dialog_set_remote_tag(struct dialog *d, struct str tag); /* where it stands in the remote value */
void dialog_finish(struct dialog *d);

/* -- Using it */
/* false: the request is older than one before it: 500 (RFC 3261 12.2.2). Remembers the number. */
bool dialog_in_order(struct dialog *d, uint32_t cseq);
/* The next CSeq. *reserve: a new block was reserved, the dialog has to be saved. */
uint32_t dialog_next_cseq(struct dialog *d, bool *reserve);
/* A request inside the dialog. */
struct dialog_request {
	enum s_method method;
	uint32_t cseq;
	int hops; /* 0: 70 */
	struct str lines; /* further header lines, each with CRLF */
	struct s_body body;
};
/* Request-URI, Route, Max-Forwards, From, To, Call-ID, CSeq and the rest, in the turn's arena. *next_hop: the URI whose
 * host gets it (RFC 3261 12.2.1.1, loose and strict routers). */
void dialog_compose(const struct env *env, const struct dialog *d, const struct dialog_request *r,
	struct sipside_outgoing *out, struct str *next_hop);

/* -- Which answer ends what (RFC 5057, RFC 6665 4.1.2.2 and 4.2.2, RFC 3261 12.2.1.2). The one table. */
enum dialog_usage { DIALOG_SESSION, DIALOG_SUBSCRIBER, DIALOG_NOTIFIER };
bool dialog_status_ends(enum dialog_usage usage, int status, struct str phrase);
/* No answer at all. Does that end the usage? */
bool dialog_silence_ends(enum dialog_usage usage, enum s_method method);
/* The peer said, or the RFC says, that nothing was done with the request: it may be sent again elsewhere. */
bool dialog_status_not_processed(int status, struct str phrase);

#endif
