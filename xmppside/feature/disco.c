/* SPDX-License-Identifier: MIT */
/* Service discovery (XEP-0030) and entity capabilities (XEP-0115). */
#include "xmppside/feature/features.h"

#include <string.h>
#include "mapping/base/alloc.h"
#include "xmppside/syntax/namespaces.h"

#define PRODUCT "Tombolo"
#define CAPS_NODE "urn:tombolo:client"
#define NS_CAPS "http://jabber.org/protocol/caps"

enum { SHA1_BYTES = 20 };

struct identity {
	const char *category, *type;
};
static const struct identity identities[] = {
	[FEATURE_GATEWAY] = { "gateway", "simple" }, /* the registrar's word for SIP/SIMPLE */
	[FEATURE_ACCOUNT] = { "account", "registered" },
	[FEATURE_CLIENT] = { "client", "pc" },
};

/* In the order of their bytes, as XEP-0115 5.1 hashes them. */
static const char *const user_features[] = { NS_CHATSTATES, NS_DISCO_INFO, NS_DISCO_ITEMS, NS_VERSION, NS_PING,
	NS_RECEIPTS, NULL };
static const char *const gateway_features[] = { NS_DISCO_INFO, NS_DISCO_ITEMS, NS_VERSION, NS_PING, NULL };

static xmpp_stanza_t *new_query(struct feature_request *r, const char *ns, const char *node)
{
	xmpp_stanza_t *query = xmpp_stanza_new(r->ctx);

	xmpp_stanza_set_name(query, "query");
	xmpp_stanza_set_ns(query, ns);
	if (node)
		xmpp_stanza_set_attribute(query, "node", node);
	return query;
}

static void add_identity(struct feature_request *r, enum feature_whom whom)
{
	xmpp_stanza_t *identity = xmpp_stanza_new(r->ctx);

	xmpp_stanza_set_name(identity, "identity");
	xmpp_stanza_set_attribute(identity, "category", identities[whom].category);
	xmpp_stanza_set_attribute(identity, "type", identities[whom].type);
	xmpp_stanza_set_attribute(identity, "name", PRODUCT);
	xmpp_stanza_add_child_ex(r->answer, identity, 0);
}

static void add_features(struct feature_request *r, const char *const *features)
{
	for (; *features; features++) {
		xmpp_stanza_t *feature = xmpp_stanza_new(r->ctx);

		xmpp_stanza_set_name(feature, "feature");
		xmpp_stanza_set_attribute(feature, "var", *features);
		xmpp_stanza_add_child_ex(r->answer, feature, 0);
	}
}

void feature_disco_info(struct feature_request *r)
{
	const char *node = xmpp_stanza_get_attribute(r->payload, "node");
	bool about_caps = node && r->whom != FEATURE_GATEWAY && str_eq(str_c(node), r->features->caps_node);
	enum feature_whom whom = about_caps ? FEATURE_CLIENT : r->whom;

	if (node && !about_caps) {
		r->error = "item-not-found";
		return;
	}
	r->answer = new_query(r, NS_DISCO_INFO, node);
	add_identity(r, whom);
	add_features(r, whom == FEATURE_GATEWAY ? gateway_features : user_features);
}

void feature_disco_items(struct feature_request *r)
{
	const char *node = xmpp_stanza_get_attribute(r->payload, "node");

	if (node)
		r->error = "item-not-found";
	else
		r->answer = new_query(r, NS_DISCO_ITEMS, NULL); /* who is behind it is nobody's business here */
}

void feature_disco_caps(struct xmppside_features *f)
{
	unsigned char digest[SHA1_BYTES];
	struct buf text = { 0 };

	buf_printf(&text, "%s/%s//" PRODUCT "<", identities[FEATURE_CLIENT].category, identities[FEATURE_CLIENT].type);
	for (const char *const *feature = user_features; *feature; feature++)
		buf_printf(&text, "%s<", *feature);
	xmpp_sha1_digest((const unsigned char *)text.p, text.n, digest);
	char *ver = xmpp_base64_encode(f->ctx, digest, sizeof(digest));

	buf_clear(&text);
	buf_printf(&text, CAPS_NODE "#%s", ver);
	f->caps_node = alloc_str(buf_str(&text));
	buf_clear(&text);
	buf_printf(&text, "<c xmlns='" NS_CAPS "' hash='sha-1' node='" CAPS_NODE "' ver='%s'/>", ver);
	f->caps = alloc_str(buf_str(&text));
	buf_finish(&text);
	xmpp_free(f->ctx, ver);
}
