/* SPDX-License-Identifier: MIT */
/* What INVITE sessions and both ends of subscriptions have in common (RFC 5057): a dialog, an owner, requests sent in
 * order, and one end. session.c, subscriber.c and notifier.c fill a table of functions for what they do differently. */
#ifndef TOMBOLO_USAGE_H
#define TOMBOLO_USAGE_H

#include "sipside/locate/attempt.h"
#include "sipside/usage/dialog_table.h"

struct usage_send;
struct sipside_request;

/* Of one sipside. */
struct usages {
	const struct env *env;
	struct locate *locate;
	const struct sipside_handlers *handlers;
	void *arg; /* of the handlers */
	struct dialog_table dialogs; /* every usage, until its memory goes */
	struct sipside_request *tickets; /* open ones */
	struct pager_lane *lanes; /* pager_client.c */
	unsigned session_setup_ms;
	unsigned start; /* which life of the process this is (dialog_line.h) */
	bool closing; /* nothing leaves any more */
};

enum usage_state {
	USAGE_OPENING, /* INVITE or SUBSCRIBE has no final answer yet, either direction */
	USAGE_UP,
	USAGE_LEAVING, /* the owner let go: what was to be sent still leaves, then the good-bye */
	USAGE_ENDING, /* over; open sends get their outcome, then the owner hears of it */
	USAGE_GONE, /* memory goes with the last reference */
};

/* What exists only while something is under way; an idle usage has none. */
struct usage_work {
	struct usage_send *waiting; /* in the order of the calls */
	struct usage_send *done; /* outcomes that are known and not yet told */
	unsigned flying; /* sends on the wire; INFO is not counted in `busy` */
	bool busy; /* a request that has to be answered before the next leaves */
	struct attempt *opening; /* our INVITE (till the last 2xx can come) or first SUBSCRIBE */
	struct sipside_server *unacked; /* an INVITE we answered 2xx */
	struct sipside_request *ticket; /* the open one that makes this usage */
	int asked_s; /* our first SUBSCRIBE's Expires */
	struct str description; /* INVITE: what the 200 will say; owned */
	struct timer timer; /* set-up limit, timer N */
	struct env_flush flush;
	struct s_result end; /* why it ends; words are owned */
};

struct sipside_usage {
	struct dialog dialog; /* first: a dialog of the table is its usage */
	struct usages *all;
	struct sipside_domain *domain;
	const struct usage_kind *kind;
	const struct sipside_owner *owner; /* NULL: nobody listens */
	void *arg;
	struct usage_work *work;
	uint16_t refs; /* callbacks under way, tickets, the opening attempt, sends */
	uint8_t state; /* enum usage_state */
	bool asked : 1; /* INVITE: we are the callee; its ticket is open (USAGE_OPENING) */
	bool established : 1; /* the dialog is complete: requests can be sent in it */
	bool given_up : 1; /* INVITE: cancelled; a late 2xx is ACKed and BYEd */
	bool last_said : 1; /* subscriptions: a NOTIFY terminated is under way, or was */
	uint32_t invite_cseq; /* of the INVITE whose ACK is due */
};

struct usage_kind {
	enum dialog_usage usage;
	/* A request in the dialog, its order checked, its target taken. Answers it, or makes a ticket of it. */
	void (*request)(struct sipside_usage *u, struct sipside_server *server, const struct sipside_msg *m);
	/* May this send leave now? Asked for the first of those that wait. */
	bool (*may_leave)(const struct sipside_usage *u, const struct usage_send *s);
	/* A send got its outcome, before its own callback. May end the usage. */
	void (*outcome)(struct sipside_usage *u, const struct usage_send *s, const struct s_result *r);
	/* The owner let go, all that waited has left: say good-bye (or call usage_gone). */
	void (*leave)(struct sipside_usage *u);
	void (*timer)(struct sipside_usage *u);
	/* A ticket of the usage was answered. May be NULL. */
	void (*answered)(struct sipside_usage *u, const struct sipside_request *t);
};

/* -- Life */
struct sipside_usage *usage_create(struct usages *all, struct sipside_domain *d, const struct usage_kind *kind);
/* The dialog is filled in: others can find it. false: too many with its Call-ID. */
bool usage_register(struct sipside_usage *u);
struct usage_work *usage_work(struct sipside_usage *u); /* made when it is not there */
void usage_hold(struct sipside_usage *u);
void usage_drop(struct sipside_usage *u); /* the last one frees what is gone */
/* It is over: open sends get their outcome, then the owner hears `ended` (later in this turn at the earliest). The
 * first end counts. result is copied. */
void usage_end(struct sipside_usage *u, const struct s_result *result);
void usage_end_why(struct sipside_usage *u, enum reason why);
/* Nobody needs it any more; no callback. */
void usage_gone(struct sipside_usage *u);
/* sipside_end() */
void usage_leave(struct sipside_usage *u);
void usage_timer(struct sipside_usage *u, uint64_t ms); /* 0: none */
bool usage_is_live(const struct sipside_usage *u); /* opening or up, with an owner */

/* -- Telling the owner; each may end in the owner's leaving */
void usage_tell_up(struct sipside_usage *u, const struct s_result *r);
void usage_tell_keep(struct sipside_usage *u); /* where the dialog is worth keeping */
struct str usage_line(struct sipside_usage *u); /* the line to keep, in the turn's arena */

/* -- Sending in the dialog */
/* A request without an outcome anybody waits for (BYE), or with `owner`. NULL in closing times. */
struct attempt *usage_request(struct sipside_usage *u, const struct dialog_request *r, bool contact,
	const struct attempt_owner *owner, void *arg);
void usage_pump(struct sipside_usage *u); /* lets leave what may leave now */
void usage_destroy_all(struct usages *all); /* sends end with REASON_SHUTTING_DOWN; no `ended` */

static inline struct sipside_usage *usage_of(struct dialog *d)
{
	return (struct sipside_usage *)d; /* its first member */
}

#endif
