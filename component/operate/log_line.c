/* SPDX-License-Identifier: MIT */
#include "component/operate/log.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

/* -- Values */

/* How many bytes of s.p[0..] are one printable UTF-8 character beyond ASCII; 0: none. C1 controls (U+0080..9F) move
 * cursors on terminals and count as none, like surrogates and overlong forms. */
static size_t printable_utf8(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	uint32_t c;

	if (p[0] < 0xc2 || p[0] > 0xf4 || s.n < n)
		return 0;
	c = p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < 0xa0 || (n == 3 && c < 0x800) || (n == 4 && (c < 0x10000 || c > 0x10ffff)) ||
		(c >= 0xd800 && c < 0xe000))
		return 0;
	return n;
}

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || s.p[i] == '"' || s.p[i] == '\\' || s.p[i] == '=')
			return false;
	return true;
}

static void add_escaped(struct buf *out, struct str s)
{
	static const char named[] = "\n\r\t\"\\", letters[] = "nrt\"\\";

	while (s.n) {
		const char *name = s.p[0] ? strchr(named, s.p[0]) : NULL;
		size_t wide = printable_utf8(s);

		if (name) {
			buf_addc(out, '\\');
			buf_addc(out, letters[name - named]);
		} else if (wide) {
			buf_add(out, str_cut(s, 0, wide));
		} else if (s.p[0] >= ' ' && s.p[0] < 0x7f) {
			buf_addc(out, s.p[0]);
		} else {
			buf_printf(out, "\\x%02x", (unsigned char)s.p[0]);
		}
		s = str_cut(s, wide ? wide : 1, s.n);
	}
}

static void add_quoted(struct buf *out, struct str s)
{
	buf_addc(out, '"');
	add_escaped(out, str_cut(s, 0, LOG_VALUE_MAX));
	if (s.n > LOG_VALUE_MAX)
		buf_lit(out, "...");
	buf_addc(out, '"');
}

static void add_text(struct buf *out, const char *key, struct str s)
{
	if (!s.n)
		return;
	buf_addc(out, ' ');
	buf_add(out, str_c(key));
	buf_addc(out, '=');
	if (s.n <= LOG_VALUE_MAX && is_plain(s))
		buf_add(out, s);
	else
		add_quoted(out, s);
}

/* -- Lines */

static void add_padded(struct buf *out, int v, int width, char behind)
{
	char digits[] = "0000";

	for (int i = width; i-- > 0; v /= 10)
		digits[i] = (char)('0' + v % 10);
	buf_add(out, (struct str){ digits, (size_t)width });
	buf_addc(out, behind);
}

static void add_time(struct buf *out, int64_t unix_ms)
{
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	buf_lit(out, "ts=");
	add_padded(out, tm.tm_year + 1900, 4, '-');
	add_padded(out, tm.tm_mon + 1, 2, '-');
	add_padded(out, tm.tm_mday, 2, 'T');
	add_padded(out, tm.tm_hour, 2, ':');
	add_padded(out, tm.tm_min, 2, ':');
	add_padded(out, tm.tm_sec, 2, '.');
	add_padded(out, (int)(unix_ms % 1000), 3, 'Z');
}

void log_line(struct buf *out, const struct event *e, int64_t unix_ms)
{
	const struct event_row *row = event_row(e->kind);

	add_time(out, unix_ms);
	add_text(out, "level", event_level_word(row->level));
	add_text(out, "event", row->word);
	if (e->flow)
		buf_printf(out, " flow=%" PRIx64, e->flow);
	add_text(out, "dir", event_dir_word(e->dir));
	add_text(out, "from", e->from);
	add_text(out, "to", e->to);
	if (e->sip) {
		buf_lit(out, " sip=");
		buf_number(out, (uint64_t)e->sip);
	}
	add_text(out, "xmpp", e->xmpp);
	add_text(out, "why", e->why);
	if (row->timed)
		buf_printf(out, " ms=%" PRId64, e->ms);
	if (e->detail.n) {
		buf_lit(out, " detail=");
		add_quoted(out, e->detail);
	}
}
