/* SPDX-License-Identifier: MIT */
/* The round trips of the unit test, from any bytes: who crosses comes back as himself. */
#include "mapping/address.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

static void check_jid(struct arena *a, struct str text)
{
	struct x_jid jid, again, back;
	struct s_uri uri, read;

	if (map_jid_parse(a, text, &jid))
		return;
	must(!map_jid_parse(a, map_jid_print(a, &jid), &again) && map_jid_equal(&jid, &again));
	if (map_address_x2s(a, &jid, jid.domain, true, &uri))
		return;
	must(!map_uri_parse(a, map_uri_print(a, &uri), &read));
	must(!map_address_s2x(a, &read, jid.domain, &back) && map_jid_equal(&jid, &back));
}

static void check_uri(struct arena *a, struct str text)
{
	struct s_uri uri, again, back;
	struct x_jid jid;
	struct str domain;

	if (map_uri_parse(a, text, &uri))
		return;
	must(!map_uri_parse(a, map_uri_print(a, &uri), &again));
	must(str_eq(uri.user, again.user) && str_eq(uri.host, again.host) && str_eq(uri.gruu, again.gruu));
	must(str_eq(map_uri_key(a, &uri), map_uri_key(a, &again)));
	if (map_domain_s2x(a, uri.host, &domain) || map_address_s2x(a, &uri, domain, &jid))
		return;
	/* folded by preparation, so not the same user, but one of the same key */
	if (jid.node.n && !map_address_x2s(a, &jid, uri.host, true, &back))
		must(str_eq(map_uri_key(a, &uri), map_uri_key(a, &back)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct str text = { (const char *)data, size };

	check_jid(&a, text);
	check_uri(&a, text);
	arena_finish(&a);
	return 0;
}
