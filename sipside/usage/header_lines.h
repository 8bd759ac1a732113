/* SPDX-License-Identifier: MIT */
/* The header lines that requests and answers of usages carry beside those of their dialog. All in the turn's arena, each
 * line with CRLF; nothing that comes from outside can end a line. */
#ifndef TOMBOLO_HEADER_LINES_H
#define TOMBOLO_HEADER_LINES_H

#include "sipside/usage/send_queue.h"

/* Event, Subscription-State, Accept, Expires, Subject, Content-Language, as the send's method has them. */
struct str header_lines_of_send(const struct sipside_usage *u, const struct usage_send *s);
/* Subject and Content-Language; empty where neither is given. */
struct str header_lines_of_text(const struct env *env, struct str subject, struct str lang);
struct str header_lines_subscribe(const struct env *env, struct str event_id, int expires_s);
/* What a refusal owes beside its status: Retry-After, Min-Expires, Allow, Accept, Allow-Events, Warning. */
struct str header_lines_of_refusal(const struct locate *l, const struct s_result *r);

/* "\"Ann\" <sip:ann@a.example>" for From, the URI for the Request-URI. */
struct str header_party(const struct env *env, struct str display, const struct s_uri *uri);
struct str header_uri(const struct env *env, const struct s_uri *uri);
/* Control characters become blanks. */
struct str header_clean(const struct env *env, struct str s);
struct str header_call_id(const struct locate *l, struct str wanted); /* empty or unfit: a fresh one */

#endif
