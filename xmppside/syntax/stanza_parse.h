/* SPDX-License-Identifier: MIT */
/* From elements to the values of mapping/values.h (RFC 6121; XEP-0085, 0172, 0184, 0203, 0280, 0319, 0333). The server
 * has prepared the addresses: they are split and capped, nothing more. Results borrow from the element or from `a`. */
#ifndef TOMBOLO_STANZA_PARSE_H
#define TOMBOLO_STANZA_PARSE_H

#include "mapping/values.h"
#include "xmppside/syntax/element.h"

/* "[node@]domain[/resource]", parts of 1 to 1,023 bytes; false where it is no such thing (RFC 7622 3.1). */
bool xmppside_jid_split(struct str text, struct x_jid *out);
/* False where `from` or `to` is no address. The type error comes with m->error set. */
bool xmppside_parse_message(struct arena *a, const struct xmppside_element *e, struct x_message *out);
/* False where an address is none, or the type is none of RFC 6121 4.7.1. */
bool xmppside_parse_presence(struct arena *a, const struct xmppside_element *e, struct x_presence *out);
/* The <error/> of a stanza of type error; a missing one reads as undefined-condition. */
struct x_error *xmppside_parse_error(struct arena *a, const struct xmppside_element *stanza);

#endif
