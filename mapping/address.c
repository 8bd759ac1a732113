/* SPDX-License-Identifier: MIT */
#include "mapping/address.h"
#include "mapping/escape.h"
#include "mapping/prepare.h"

#include <string.h>

/* -- JIDs */

enum reason map_jid_parse(struct arena *a, struct str text, struct x_jid *out)
{
	struct x_jid jid = { 0 };

	if (text.n > 3 * MAP_PART_BYTES + 2)
		return REASON_BAD_ADDRESS;
	struct str copy = arena_str(a, text), bare = str_cut(copy, 0, str_find(copy, '/'));

	if (bare.n < copy.n && !map_prepare_resource(a, str_cut(copy, bare.n + 1, copy.n), &jid.resource))
		return REASON_BAD_ADDRESS;
	size_t at = str_find(bare, '@');

	if (at < bare.n && !map_prepare_node(a, str_cut(bare, 0, at), &jid.node))
		return REASON_BAD_ADDRESS;
	if (!map_prepare_domain(a, at < bare.n ? str_cut(bare, at + 1, bare.n) : bare, &jid.domain))
		return REASON_BAD_ADDRESS;
	*out = jid;
	return REASON_NONE;
}

static char *put(char *p, struct str s)
{
	if (s.n)
		memcpy(p, s.p, s.n);
	return p + s.n;
}

struct str map_jid_print(struct arena *a, const struct x_jid *jid)
{
	char *text = arena_alloc(a, jid->node.n + jid->domain.n + jid->resource.n + 3), *p = text;

	if (jid->node.n) {
		p = put(p, jid->node);
		*p++ = '@';
	}
	p = put(p, jid->domain);
	if (jid->resource.n) {
		*p++ = '/';
		p = put(p, jid->resource);
	}
	return (struct str){ text, (size_t)(p - text) };
}

struct x_jid map_jid_bare(const struct x_jid *jid)
{
	return (struct x_jid){ .node = jid->node, .domain = jid->domain };
}

bool map_jid_equal_bare(const struct x_jid *a, const struct x_jid *b)
{
	return str_eq(a->node, b->node) && str_eq(a->domain, b->domain);
}

bool map_jid_equal(const struct x_jid *a, const struct x_jid *b)
{
	return map_jid_equal_bare(a, b) && str_eq(a->resource, b->resource);
}

/* -- SIP URIs */

/* Takes a scheme we read off the front; false leaves the bare form. */
static bool take_scheme(struct str *text)
{
	static const struct str schemes[] = { STR_INIT("sip:"), STR_INIT("sips:"), STR_INIT("pres:"), STR_INIT("im:") };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (str_starts_nocase(*text, schemes[i])) {
			*text = str_cut(*text, schemes[i].n, text->n);
			return true;
		}
	return false;
}

static bool port_is_good(struct str port)
{
	uint64_t number;

	return port.n <= 5 && str_number(port, 65535, &number);
}

/* "host", "host:port", "[v6]:port" */
static bool read_host(struct arena *a, struct str text, struct str *out)
{
	size_t end = text.n && text.p[0] == '[' ? str_find(text, ']') + 1 : str_find(text, ':');
	struct str host = str_cut(text, 0, end), port = str_cut(text, end, text.n);

	if (port.n && (port.p[0] != ':' || !port_is_good(str_cut(port, 1, port.n))))
		return false;
	return map_prepare_host(a, host, out);
}

/* The `gr` of a public GRUU. One without a value is another thing and no device's name (RFC 5627 4). */
static bool read_gruu(struct arena *a, struct str params, struct str *out)
{
	while (params.n) {
		struct str value = str_next(&params, ';'), name = str_next(&value, '=');

		if (value.n && str_eq_nocase(name, STR("gr")))
			return map_escape_decode(a, value, out);
	}
	return true;
}

static bool read_user(struct arena *a, struct str text, bool has_scheme, struct str *out)
{
	size_t colon = str_find(text, ':');

	if (colon < text.n && !has_scheme)
		return false; /* "mailto:bob@host": a scheme we do not read, not a password */
	return map_escape_decode(a, str_cut(text, 0, colon), out);
}

enum reason map_uri_parse(struct arena *a, struct str text, struct s_uri *out)
{
	struct s_uri uri = { 0 };
	bool has_scheme = take_scheme(&text);
	size_t at = str_find(text, '@');

	if (at < text.n) {
		if (!read_user(a, str_cut(text, 0, at), has_scheme, &uri.user))
			return REASON_BAD_ADDRESS;
		text = str_cut(text, at + 1, text.n);
	}
	text = str_cut(text, 0, str_find(text, '?'));
	struct str hostport = str_next(&text, ';');

	if (!read_host(a, hostport, &uri.host) || !read_gruu(a, text, &uri.gruu))
		return REASON_BAD_ADDRESS;
	if (uri.host.p >= hostport.p && uri.host.p < hostport.p + hostport.n)
		uri.host = arena_str(a, uri.host);
	*out = uri;
	return REASON_NONE;
}

struct str map_uri_print(struct arena *a, const struct s_uri *uri)
{
	size_t most = 3 * (uri->user.n + uri->gruu.n) + uri->host.n + sizeof("sip:@;gr=");
	char *text = arena_alloc(a, most), *p = put(text, STR("sip:"));

	if (uri->user.n) {
		p = map_escape_percent(p, uri->user, MAP_ESCAPE_USER);
		*p++ = '@';
	}
	p = put(p, uri->host);
	if (uri->gruu.n) {
		p = put(p, STR(";gr="));
		p = map_escape_percent(p, uri->gruu, MAP_ESCAPE_PARAM);
	}
	return (struct str){ text, (size_t)(p - text) };
}

/* -- Between the two */

/* The user as a prepared node. Preparation may neither make an escape (a full-width backslash becomes a plain one) nor
 * break one (a combining mark joins its last letter): the node would be that of another user. */
static bool node_of_user(struct arena *a, struct str user, struct str *out)
{
	struct str escaped, node;

	if (!map_escape_node(a, user, &escaped) || !map_prepare_node(a, escaped, &node))
		return false;
	if (node.p != escaped.p && map_escape_count(node) != map_escape_count(escaped))
		return false;
	*out = node;
	return true;
}

struct str map_uri_key(struct arena *a, const struct s_uri *uri)
{
	struct x_jid jid = { .domain = uri->host };

	if (uri->user.n == 0 || node_of_user(a, uri->user, &jid.node))
		return map_jid_print(a, &jid);
	/* A user no JID can name; with "sip:" in front it cannot meet a node, which has no colon. */
	return map_uri_print(a, &(struct s_uri){ .user = uri->user, .host = uri->host });
}

enum reason map_address_s2x(struct arena *a, const struct s_uri *uri, struct str domain, struct x_jid *out)
{
	struct x_jid jid = { 0 };

	if (uri->user.n && !node_of_user(a, uri->user, &jid.node))
		return REASON_BAD_ADDRESS;
	if (uri->gruu.n && !map_prepare_resource(a, arena_str(a, uri->gruu), &jid.resource))
		return REASON_BAD_ADDRESS;
	jid.domain = arena_str(a, domain);
	*out = jid;
	return REASON_NONE;
}

enum reason map_address_x2s(
	struct arena *a, const struct x_jid *jid, struct str host, bool with_gruu, struct s_uri *out)
{
	struct s_uri uri = { 0 };

	if (jid->node.n && !map_escape_undo(a, jid->node, &uri.user))
		return REASON_BAD_ADDRESS;
	if (!map_prepare_host(a, arena_str(a, host), &uri.host))
		return REASON_BAD_ADDRESS;
	if (with_gruu && jid->resource.n)
		uri.gruu = arena_str(a, jid->resource);
	*out = uri;
	return REASON_NONE;
}

static enum reason copied(struct arena *a, bool good, struct str made, struct str *out)
{
	if (!good)
		return REASON_BAD_ADDRESS;
	*out = arena_str(a, made);
	return REASON_NONE;
}

enum reason map_domain_s2x(struct arena *a, struct str host, struct str *out)
{
	struct str made;
	bool good = map_prepare_domain_of_host(a, host, &made);

	return copied(a, good, made, out);
}

enum reason map_domain_x2s(struct arena *a, struct str domain, struct str *out)
{
	struct str made;
	bool good = map_prepare_host(a, domain, &made);

	return copied(a, good, made, out);
}
