/* SPDX-License-Identifier: MIT */
/* Answers to what others ask of the component and of the SIP users behind it: every iq get and set exactly once, never a
 * result or an error (RFC 6120 8.2.3). One row for each request that is understood; the rest is service-unavailable. */
#ifndef TOMBOLO_FEATURES_H
#define TOMBOLO_FEATURES_H

#include <strophe.h>
#include "mapping/values.h"
#include "xmppside/syntax/element.h"

/* Who was asked: the component itself, a SIP user, a device of his. */
enum feature_whom { FEATURE_GATEWAY, FEATURE_ACCOUNT, FEATURE_CLIENT };

struct feature_request {
	xmpp_ctx_t *ctx;
	const struct xmppside_features *features;
	xmpp_stanza_t *payload; /* the request's only child */
	enum feature_whom whom;
	/* What the row sets: the answer's child (NULL: an empty result), or else the stanza error. */
	xmpp_stanza_t *answer;
	const char *error;
};

struct xmppside_features {
	xmpp_ctx_t *ctx;
	struct str caps; /* the XEP-0115 element of SIP users' presence */
	struct str caps_node; /* "node#ver" */
};

void xmppside_features_init(struct xmppside_features *f);
void xmppside_features_finish(struct xmppside_features *f);
/* iq: of type get or set, with an address in from and to. Appends the answer to `out`. */
void xmppside_features_answer(const struct xmppside_features *f, const struct xmppside_element *iq, struct buf *out);
/* An iq whose type is none, or that was too large to be read. */
void xmppside_features_refuse(
	const struct xmppside_features *f, const struct xmppside_element *iq, const char *condition, struct buf *out);

/* The rows (disco.c, and the plain ones in features.c). */
void feature_disco_info(struct feature_request *r);
void feature_disco_items(struct feature_request *r);
/* Fills f->caps and f->caps_node (XEP-0115 section 5). */
void feature_disco_caps(struct xmppside_features *f);

#endif
