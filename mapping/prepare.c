/* SPDX-License-Identifier: MIT */
#include "mapping/prepare.h"
#include "mapping/text.h"

#include <idn2.h>
#include <stdlib.h>
#include <string.h>
#include <stringprep.h>

/* What a byte of ASCII may be part of. Everything from 0x80 up is for libidn to judge. */
enum { NODE = 1, RESOURCE = 2, HOST = 4, UPPER = 8 };

static const unsigned char classes[128] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* controls */
	2, 3, 2, 3, 3, 3, 2, 2, 3, 3, 3, 3, 3, 7, 7, 2, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 2, 3, 2, 3, 2, 3, /* space .. ? */
	2, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, /* @ .. O */
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 3, 3, 3, 3, 7, /* P .. _ */
	3, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 3, 3, 3, 3, 0, /* ` .. DEL */
};

enum shape { SHAPE_FINAL, SHAPE_UPPER, SHAPE_UNICODE, SHAPE_BAD };

static enum shape shape_of(struct str s, unsigned wanted)
{
	bool upper = false, unicode = false;

	if (s.n == 0 || s.n > MAP_PART_BYTES)
		return SHAPE_BAD;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 0x80) {
			unicode = true;
			continue;
		}
		if (!(classes[c] & wanted))
			return SHAPE_BAD;
		upper = upper || (classes[c] & UPPER);
	}
	if (unicode)
		return map_text_is_utf8(s) ? SHAPE_UNICODE : SHAPE_BAD;
	return upper ? SHAPE_UPPER : SHAPE_FINAL;
}

static struct str lower(struct arena *a, struct str s)
{
	struct str copy = arena_str(a, s);
	char *p = (char *)copy.p;

	for (size_t i = 0; i < copy.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] - 'A' + 'a');
	return copy;
}

/* Unassigned code points pass, as in both servers: they must not become undeliverable here alone. */
static bool stringprep_into(struct arena *a, struct str s, const Stringprep_profile *profile, struct str *out)
{
	char text[MAP_PART_BYTES + 1];

	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (stringprep(text, sizeof(text), 0, profile) != STRINGPREP_OK || text[0] == '\0')
		return false;
	*out = arena_str(a, str_c(text));
	return true;
}

bool map_prepare_node(struct arena *a, struct str s, struct str *out)
{
	switch (shape_of(s, NODE)) {
	case SHAPE_FINAL:
		*out = s;
		return true;
	case SHAPE_UPPER:
		*out = lower(a, s);
		return true;
	case SHAPE_UNICODE:
		return stringprep_into(a, s, stringprep_xmpp_nodeprep, out);
	case SHAPE_BAD:
		break;
	}
	return false;
}

bool map_prepare_resource(struct arena *a, struct str s, struct str *out)
{
	switch (shape_of(s, RESOURCE)) {
	case SHAPE_FINAL:
	case SHAPE_UPPER: /* resources keep their case */
		*out = s;
		return true;
	case SHAPE_UNICODE:
		return stringprep_into(a, s, stringprep_xmpp_resourceprep, out);
	case SHAPE_BAD:
		break;
	}
	return false;
}

/* "[2001:db8::1]": the form alone; whether it is an address, the resolver will say. */
static bool ipv6_reference(struct arena *a, struct str s, struct str *out)
{
	if (s.n < 4 || s.n > 64 || s.p[0] != '[' || s.p[s.n - 1] != ']')
		return false;
	for (size_t i = 1; i < s.n - 1; i++)
		if (!strchr("0123456789abcdefABCDEF:.", s.p[i]) || !s.p[i])
			return false;
	*out = lower(a, s);
	return true;
}

/* No empty label, so no leading or double dot; one trailing dot is the root and goes. */
static bool labels(struct str *s)
{
	if (s->n && s->p[s->n - 1] == '.')
		s->n--;
	for (size_t i = 0; i < s->n; i++)
		if (s->p[i] == '.' && (i == 0 || s->p[i - 1] == '.'))
			return false;
	return s->n > 0 && s->p[s->n - 1] != '.';
}

static bool domain_of_unicode(struct arena *a, struct str s, struct str *out)
{
	struct str made;

	if (!stringprep_into(a, s, stringprep_nameprep, &made) || !labels(&made))
		return false;
	/* what nameprep lets through, a host name does not: "a/b", "a@b" would split elsewhere when printed */
	if (shape_of(made, HOST) == SHAPE_BAD)
		return false;
	*out = made;
	return true;
}

bool map_prepare_domain(struct arena *a, struct str s, struct str *out)
{
	if (s.n && s.p[0] == '[')
		return ipv6_reference(a, s, out);
	if (!labels(&s))
		return false;
	switch (shape_of(s, HOST)) {
	case SHAPE_FINAL:
		*out = s;
		return true;
	case SHAPE_UPPER:
		*out = lower(a, s);
		return true;
	case SHAPE_UNICODE:
		return domain_of_unicode(a, s, out);
	case SHAPE_BAD:
		break;
	}
	return false;
}

bool map_prepare_host(struct arena *a, struct str s, struct str *out)
{
	struct str domain;

	if (!map_prepare_domain(a, s, &domain))
		return false;
	if (shape_of(domain, HOST) == SHAPE_UNICODE) {
		char *ascii = NULL;

		if (idn2_to_ascii_8z(arena_str(a, domain).p, &ascii, IDN2_NONTRANSITIONAL) != IDN2_OK)
			return false;
		domain = arena_str(a, str_c(ascii));
		free(ascii);
	}
	if (domain.n > MAP_HOST_BYTES)
		return false;
	*out = domain;
	return true;
}

static bool has_a_label(struct str host)
{
	for (size_t i = 0; i + 4 <= host.n; i++)
		if ((i == 0 || host.p[i - 1] == '.') && memcmp(host.p + i, "xn--", 4) == 0)
			return true;
	return false;
}

bool map_prepare_domain_of_host(struct arena *a, struct str host, struct str *out)
{
	struct str ascii;
	char *unicode = NULL;

	if (!map_prepare_host(a, host, &ascii))
		return false;
	if (!has_a_label(ascii)) {
		*out = ascii;
		return true;
	}
	if (idn2_to_unicode_8z8z(arena_str(a, ascii).p, &unicode, 0) != IDN2_OK)
		return false;
	bool good = map_prepare_domain(a, arena_str(a, str_c(unicode)), out);

	free(unicode);
	return good;
}
