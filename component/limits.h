/* SPDX-License-Identifier: MIT */
/* How much one user may send: a bucket for each sender, refilled at the configured rate (limits.messages-per-user) and
 * holding twenty times that, so that a person's burst passes and a machine's stream does not. */
#ifndef TOMBOLO_LIMITS_H
#define TOMBOLO_LIMITS_H

#include "component/config/config.h"
#include "mapping/base/env.h"

struct limits;
struct limits *limits_create(const struct env *env, const struct config *config); /* both outlive it */
void limits_destroy(struct limits *l); /* NULL is allowed */
/* May `sender` (any spelling that is the same each time) send a text of so many bytes now? REASON_NONE and one token
 * less, or REASON_TOO_LARGE, REASON_TOO_MANY. */
enum reason limits_message(struct limits *l, struct str sender, size_t bytes);

#endif
