/* SPDX-License-Identifier: MIT */
#include "component/presence/resource.h"
#include "mapping/base/alloc.h"
#include "mapping/base/hash.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_LANG = 64, CONTINUATION = 0x80, CONTINUATION_MASK = 0xC0 };

static struct str kept_status(const struct x_presence *p)
{
	struct str s = p->status;

	if (s.n <= RESOURCE_MAX_STATUS)
		return s;
	s.n = RESOURCE_MAX_STATUS;
	while (s.n && ((unsigned char)s.p[s.n] & CONTINUATION_MASK) == CONTINUATION)
		s.n--;
	return s;
}

static struct str kept_lang(const struct x_presence *p)
{
	return p->lang.n <= MAX_LANG ? p->lang : STR_NONE;
}

static char *put(char *at, struct str s)
{
	if (s.n)
		memcpy(at, s.p, s.n);
	return at + s.n;
}

struct resource *resource_new(const struct x_presence *p)
{
	struct str name = p->from.resource, status = kept_status(p), lang = kept_lang(p);
	struct resource *r = alloc_zero(sizeof(*r) + name.n + status.n + lang.n);

	r->refs = 1;
	r->priority = (int8_t)p->priority;
	r->show = (uint8_t)p->show;
	r->stamp_ms = p->stamp_ms;
	r->name_n = (uint16_t)name.n; /* a JID part has at most 1,023 bytes */
	r->status_n = (uint16_t)status.n;
	r->lang_n = (uint16_t)lang.n;
	put(put(put(r->text, name), status), lang);
	return r;
}

/* Compared with what an earlier process wrote, so the key is no secret: who finds two texts that collide fools himself. */
uint64_t resource_digest(const struct resource *r)
{
	static const uint8_t key[16] = "tombolo: digest";
	const uint16_t head[] = { (uint8_t)r->priority, r->show, r->name_n, r->status_n, r->lang_n };
	size_t text_n = (size_t)r->name_n + r->status_n + r->lang_n;

	return hash_bytes_with(key, head, sizeof(head)) * 31 + hash_bytes_with(key, r->text, text_n);
}

struct str resource_name(const struct resource *r)
{
	return (struct str){ r->text, r->name_n };
}

static struct str status_of(const struct resource *r)
{
	return (struct str){ r->text + r->name_n, r->status_n };
}

static struct str lang_of(const struct resource *r)
{
	return (struct str){ r->text + r->name_n + r->status_n, r->lang_n };
}

bool resource_says(const struct resource *r, const struct x_presence *p)
{
	return r->show == (uint8_t)p->show && r->priority == p->priority &&
	       str_eq(resource_name(r), p->from.resource) && str_eq(status_of(r), kept_status(p)) &&
	       str_eq(lang_of(r), kept_lang(p));
}

void resource_release(struct resource *r)
{
	if (--r->refs == 0)
		free(r);
}

struct x_presence resource_presence(const struct resource *r, const struct x_jid *user)
{
	struct x_presence p = { .from = *user,
		.kind = X_AVAILABLE,
		.show = (enum x_show)r->show,
		.priority = r->priority,
		.status = status_of(r),
		.lang = lang_of(r),
		.stamp_ms = r->stamp_ms };

	p.from.resource = resource_name(r);
	return p;
}
