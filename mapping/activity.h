/* SPDX-License-Identifier: MIT */
/* RPID activities: their words in both dialects and what each means to an XMPP user. A row for each enum s_activity. */
#ifndef TOMBOLO_ACTIVITY_H
#define TOMBOLO_ACTIVITY_H

#include "mapping/values.h"

struct map_activity {
	struct str word; /* as peers write it: an element's name or the text of <activity> */
	struct str element; /* the RFC 4480 element we write for it; empty: none says it */
	struct str draft; /* the one of the two words that draft peers take: busy, away; empty: neither */
	enum x_show show;
	struct str text; /* the status where show alone says less and the peer gave no note; English, may be empty */
};
const struct map_activity *map_activity(enum s_activity activity);
/* The bit of a word, any case; 0: not one of ours. */
unsigned map_activity_bit(struct str word);
/* The one among several that says most: do not disturb before long absence before absence; S_ACTIVITIES: no bit is set. */
enum s_activity map_activity_first(unsigned bits);

#endif
