/* SPDX-License-Identifier: MIT */
/* The requests a usage was given to send: copied, kept in order, each with one outcome. One MESSAGE, NOTIFY or SUBSCRIBE
 * is on the wire at a time, so that order holds over UDP and a dead dialog provably swallows one at most. */
#ifndef TOMBOLO_SEND_QUEUE_H
#define TOMBOLO_SEND_QUEUE_H

#include "sipside/usage/usage.h"

enum { SEND_QUEUE_MAX = 100 }; /* waiting in one usage */

struct usage_send {
	struct usage_send *next;
	struct sipside_usage *usage;
	struct attempt *attempt; /* NULL: not on the wire */
	sipside_done *done;
	void *arg;
	enum s_method method;
	int hops, expires_s;
	enum s_substate state;
	enum s_subreason state_reason;
	unsigned retry_after_s;
	struct s_result result; /* once it is known and not yet told */
	struct s_body body; /* these two point into text */
	struct str subject;
	char text[];
};

enum reason send_queue_add(struct sipside_usage *u, const struct s_request *r, sipside_done *done, void *arg);
/* Lets leave what may. */
void send_queue_pump(struct sipside_usage *u);
/* All that waits gets this outcome, told later in the turn. */
void send_queue_fail(struct sipside_usage *u, enum reason why);
/* Tells the outcomes that are known. */
void send_queue_tell(struct sipside_usage *u);
bool send_queue_is_empty(const struct sipside_usage *u); /* nothing waits, flies or is untold */

#endif
