/* SPDX-License-Identifier: MIT */
/* How we know our own requests when they come back: by a word in User-Agent and by a From tag that only we can have made.
 * Both survive a proxy that returns a request to where it came from; the word survives a back-to-back user agent too.
 * The same in every run of one installation, and on all nodes that share its name. */
#ifndef TOMBOLO_OWN_MARK_H
#define TOMBOLO_OWN_MARK_H

#include "mapping/base/env.h"

enum { OWN_MARK_WORD = 16, OWN_MARK_CHECK = 8 };
struct own_mark {
	uint8_t key[16];
	char word[OWN_MARK_WORD + 1];
};

/* installation: what no other bridge is called, such as the names of its components. */
void own_mark_init(struct own_mark *o, struct str installation);
/* "Tombolo/1.0 (WORD)", in the turn's arena. */
struct str own_mark_agent(const struct own_mark *o, const struct env *env);
bool own_mark_in_agent(const struct own_mark *o, struct str user_agent);
/* A fresh From tag: 64 random bits and a check that needs the key. In the turn's arena. */
struct str own_mark_tag(const struct own_mark *o, const struct env *env);
/* Did we make it? Of 2^32 foreign tags of that length one would say yes. */
bool own_mark_made(const struct own_mark *o, struct str from_tag);

#endif
