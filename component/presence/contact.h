/* SPDX-License-Identifier: MIT */
/* A contact: a SIP user whom an XMPP user watches. One SIP subscription at most; what it says goes to its owner and to nobody
 * else (P17). The record performs what contact_rules decide. */
#ifndef TOMBOLO_CONTACT_H
#define TOMBOLO_CONTACT_H

#include "component/presence/contact_rules.h"
#include "component/presence/relation.h"

/* Makes the contact of a relation that has none. */
struct contact *contact_create(struct relation *r);
/* From a STORE_CONTACT row; an unknown word is taken as "asked", a dialog that cannot be read as none. Replaces nothing: the
 * relation has no contact yet. */
void contact_restore(struct relation *r, const struct store_row *row);
/* The user's word: CONTACT_ON_SUBSCRIBE to CONTACT_ON_PROBE. asker: who probes (full JID), else NULL. May free the contact; the
 * relation stays the caller's to settle. */
void contact_hear(struct contact *c, enum contact_on on, const struct x_jid *asker, uint64_t flow);
/* probed: a probe to the user is on its way, so that his presence will be known. */
void contact_link_up(struct contact *c, bool probed);
void contact_route_up(struct contact *c);
/* Is the SIP user seen as available by the XMPP user? */
bool contact_is_shown(const struct contact *c);
bool contact_is_allowed(const struct contact *c);
void contact_serve(struct pacer_item *item); /* for the pacer's lane */
void contact_destroy(struct contact *c); /* without a word on the wire; NULL is allowed */
size_t contact_size(void); /* bytes of one record, for the memory budget */

#endif
