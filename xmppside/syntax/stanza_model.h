/* SPDX-License-Identifier: MIT */
/* Between our elements and libstrophe's stanzas, the model in which requests are answered (not the hot path). */
#ifndef TOMBOLO_STANZA_MODEL_H
#define TOMBOLO_STANZA_MODEL_H

#include <strophe.h>
#include "xmppside/syntax/element.h"

/* A copy of the tree; release it with xmpp_stanza_release. The reader has bounded its depth. */
xmpp_stanza_t *xmppside_model(xmpp_ctx_t *ctx, const struct xmppside_element *e);
/* Appends the stanza as text and releases it. */
void xmppside_model_print(xmpp_ctx_t *ctx, struct buf *out, xmpp_stanza_t *stanza);

#endif
