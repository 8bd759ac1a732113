/* SPDX-License-Identifier: MIT */
/* Any bytes as message/cpim and as an IMDN; what is wrapped again, and its wish, comes back as it was. */
#include "mapping/cpim.h"
#include "mapping/im.h"
#include "mapping/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

static void wrap_again(struct arena *a, const struct map_cpim *c)
{
	static const struct s_uri from = { STR_INIT("ann"), STR_INIT("a.example"), { 0 } };
	const struct s_body inner = { .type = STR("text/plain"), .bytes = c->inner.bytes };
	const struct map_cpim_order order = { .from = &from, .to = &from, .unix_ms = 1770800400000, .wish = c->wish };
	struct map_cpim again;
	struct s_body body = map_cpim_write(a, &order, &inner);

	must(!map_cpim_read(a, body.bytes, &again));
	must(str_eq(again.inner.bytes, inner.bytes) && str_eq(again.wish.id, c->wish.id));
	if (c->wish.id.n)
		must(again.wish.delivery == c->wish.delivery && again.wish.display == c->wish.display);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct str bytes = { (const char *)data, size };
	struct map_cpim c;
	struct map_imdn imdn;
	struct map_im im;

	if (!map_cpim_read(&a, bytes, &c)) {
		must(c.wish.id.n <= MAP_IMDN_ID_BYTES && map_text_is_utf8(c.subject));
		wrap_again(&a, &c);
	}
	map_imdn_read(&a, bytes, &imdn);
	must(imdn.status < MAP_IMDN_STATUSES);
	map_im_s2x(&a, &(struct s_body){ .type = STR("message/cpim"), .bytes = bytes }, &im);
	must((im.kind == MAP_IM_TEXT) == (im.text.n > 0));
	arena_finish(&a);
	return 0;
}
