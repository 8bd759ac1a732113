/* SPDX-License-Identifier: MIT */
/* From the values of mapping/values.h to bytes on the stream. Nothing here can fail; `a` is for
 * what is needed on the way. */
#ifndef TOMBOLO_STANZA_PRINT_H
#define TOMBOLO_STANZA_PRINT_H

#include "mapping/base/arena.h"
#include "mapping/values.h"

void xmppside_print_jid(struct buf *out, const struct x_jid *jid); /* as it stands, without escaping for XML */
void xmppside_print_message(struct arena *a, struct buf *out, const struct x_message *m);
/* caps: the XEP-0115 element that goes into available presence; may be empty. */
void xmppside_print_presence(struct arena *a, struct buf *out, const struct x_presence *p, struct str caps);
/* The error a message comes back with: addresses swapped, its own id (RFC 6120 8.3.1). */
void xmppside_print_bounce(struct buf *out, const struct x_message *original, const struct x_error *error);
/* An iq get with a ping (XEP-0199) between the bare addresses. */
void xmppside_print_ping(struct buf *out, struct str id, const struct x_jid *from, const struct x_jid *to);
/* An iq get of the version (XEP-0092) from the bare address to the domain. */
void xmppside_print_version_get(struct buf *out, struct str id, const struct x_jid *from, struct str domain);

#endif
