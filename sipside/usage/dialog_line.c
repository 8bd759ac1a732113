/* SPDX-License-Identifier: MIT */
#include "sipside/usage/dialog_line.h"

#include <string.h>

static const char usage_letters[] = { [DIALOG_SESSION] = 's', [DIALOG_SUBSCRIBER] = 'w', [DIALOG_NOTIFIER] = 'n' };
enum { FIELDS = 6 + DIALOG_PARTS, USAGES = sizeof(usage_letters) };

static bool plain(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != '%';
}

static void add_escaped(struct buf *b, struct str s)
{
	if (!s.n)
		buf_addc(b, '%'); /* an empty field is visible */
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (plain(c))
			buf_addc(b, s.p[i]);
		else
			buf_printf(b, "%%%02x", c);
	}
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_escaped(const struct env *env, struct str s, struct str *out)
{
	char *p = arena_alloc(env->turn, s.n + 1);
	size_t n = 0;

	*out = STR_NONE;
	if (s.n == 0)
		return false;
	if (str_eq(s, STR("%")))
		return true;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%') {
			int high = i + 2 < s.n ? digit(s.p[i + 1]) : -1;
			int low = i + 2 < s.n ? digit(s.p[i + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			c = (char)(high * 16 + low);
			i += 2;
		} else if (!plain((unsigned char)c)) {
			return false;
		}
		p[n++] = c;
	}
	*out = (struct str){ p, n };
	return memchr(p, 0, n) == NULL && memchr(p, '\r', n) == NULL;
}

struct str dialog_line_write(const struct env *env, const struct dialog *d, enum dialog_usage usage, unsigned start)
{
	struct buf b = { 0 };

	buf_printf(&b, "1 %c %u.%u %lld ", usage_letters[usage], d->reserved_cseq, start,
		d->remote_cseq_known ? (long long)d->remote_cseq : -1LL);
	add_escaped(&b, dialog_local_tag(d));
	buf_addc(&b, ' ');
	add_escaped(&b, dialog_remote_tag(d));
	for (int i = 0; i < DIALOG_PARTS; i++) {
		buf_addc(&b, ' ');
		add_escaped(&b, dialog_part(d, (enum dialog_part)i));
	}
	struct str line = arena_str(env->turn, buf_str(&b));

	buf_finish(&b);
	return line;
}

/* The fields, by number: 0 version, 1 usage, 2 reserved CSeq "." start that reserved it, 3 remote CSeq, 4 and 5 tags, then
 * the parts. */
static bool split(const struct env *env, struct str line, struct str fields[FIELDS])
{
	for (int i = 0; i < FIELDS; i++)
		if (!read_escaped(env, str_next(&line, ' '), &fields[i]))
			return false;
	return line.n == 0 && str_eq(fields[0], STR("1")) && fields[1].n == 1;
}

/* Each start after the one that wrote the line may have used one more block, without writing it down. */
static bool read_reserved(struct str field, unsigned start, uint64_t *reserved)
{
	const uint64_t end = INT32_MAX - 2 * DIALOG_CSEQ_BLOCK; /* 2^31 is CSeq's end (RFC 3261 8.1.1.5) */
	struct str number = str_next(&field, '.');
	uint64_t written = 0;

	if (!str_number(number, end, reserved) || (field.n && !str_number(field, UINT32_MAX, &written)))
		return false;
	if (start > written + 1)
		*reserved += (start - written - 1) * DIALOG_CSEQ_BLOCK;
	return *reserved <= end;
}

static bool read_cseqs(const struct str fields[FIELDS], unsigned start, struct dialog *d)
{
	uint64_t reserved, remote = 0;
	bool none = str_eq(fields[3], STR("-1"));

	if (!read_reserved(fields[2], start, &reserved) || (!none && !str_number(fields[3], INT32_MAX, &remote)))
		return false;
	d->local_cseq = (uint32_t)reserved;
	d->reserved_cseq = (uint32_t)reserved + DIALOG_CSEQ_BLOCK;
	d->remote_cseq = (uint32_t)remote;
	d->remote_cseq_known = !none;
	return true;
}

/* Line ends divide Routes and stand nowhere else; what goes into our headers has none. */
static bool parts_are_clean(const struct str *parts)
{
	for (int i = 0; i < DIALOG_PARTS; i++)
		if (i != DIALOG_ROUTES && parts[i].n && memchr(parts[i].p, '\n', parts[i].n))
			return false;
	return parts[DIALOG_CALL_ID].n && parts[DIALOG_LOCAL].n && parts[DIALOG_REMOTE].n && parts[DIALOG_TARGET].n;
}

bool dialog_line_read(
	const struct env *env, struct str line, unsigned start, struct dialog *d, enum dialog_usage *usage)
{
	struct str fields[FIELDS];
	const char *letter;
	struct dialog read = { 0 };

	if (line.n > 4 * DIALOG_MAX_BYTES || !split(env, line, fields) || !parts_are_clean(&fields[6]) ||
		!read_cseqs(fields, start, &read))
		return false;
	letter = memchr(usage_letters, fields[1].p[0], USAGES);
	if (!letter || !fields[4].n || !str_ends(fields[6 + DIALOG_LOCAL], fields[4]) ||
		!dialog_set_parts(&read, &fields[6]))
		return false;
	read.local_tag_n = (uint16_t)fields[4].n;
	dialog_set_remote_tag(&read, fields[5]);
	if (read.remote_tag_n != fields[5].n) {
		dialog_finish(&read);
		return false;
	}
	dialog_finish(d);
	*d = read;
	*usage = (enum dialog_usage)(letter - usage_letters);
	return true;
}
