/* SPDX-License-Identifier: MIT */
#include "sipside/transport/framer.h"
#include "sipside/syntax/scan.h"

#include <string.h>

enum { KEEP_BYTES = 2048 }; /* an idle connection holds no more than this */

static struct str unread(const struct framer *f)
{
	return str_cut(buf_str(&f->in), f->from, f->in.n);
}

/* Skips line ends in front of a message. true: they were a ping. */
static bool skip_line_ends(struct framer *f)
{
	while (f->from < f->in.n && (f->in.p[f->from] == '\r' || f->in.p[f->from] == '\n')) {
		f->from++;
		if (++f->line_ends == 4) {
			f->line_ends = 0;
			return true;
		}
	}
	return false;
}

/* The first line has to name SIP's version, or this is another protocol or a place in the middle of something. */
static bool plausible(struct framer *f, struct str rest)
{
	size_t line = f->looked + str_find(str_cut(rest, f->looked, rest.n), '\n');

	if ((unsigned char)rest.p[0] < 0x20)
		return false;
	if (f->first_line_seen || line == rest.n)
		return true;
	f->first_line_seen = true;
	return memmem(rest.p, line, "SIP/", 4) || memmem(rest.p, line, "sip/", 4);
}

static enum framed take(struct framer *f, size_t n, struct str *message, enum framed what)
{
	*message = str_cut(unread(f), 0, n);
	f->from += n;
	f->looked = 0;
	f->whole = 0;
	f->first_line_seen = false;
	f->line_ends = 0;
	return what;
}

static enum framed read_head(struct framer *f, struct str rest, size_t head, size_t limit, struct str *message)
{
	struct scan_line lines[SCAN_MAX_LINES];
	struct scan s;

	if (!scan_message(str_cut(rest, 0, head), lines, SCAN_MAX_LINES, &s))
		return FRAMED_GARBAGE;
	int64_t length = scan_content_length(&s);

	if (length == -2 || s.too_large || (length > 0 && (uint64_t)length > limit - head))
		return take(f, head, message, FRAMED_LAST);
	f->whole = head + (length > 0 ? (size_t)length : 0);
	return FRAMED_MESSAGE;
}

enum framed framer_next(struct framer *f, size_t limit, struct str *message)
{
	if (!framer_inside_message(f) && skip_line_ends(f))
		return FRAMED_PING;
	struct str rest = unread(f);

	if (rest.n == 0)
		return FRAMED_MORE;
	if (!f->whole) {
		if (!plausible(f, rest))
			return FRAMED_GARBAGE;
		size_t head = scan_end_of_head(rest, &f->looked);

		if (head > limit || (!head && rest.n > limit))
			return FRAMED_GARBAGE;
		if (!head)
			return FRAMED_MORE;
		enum framed what = read_head(f, rest, head, limit, message);

		if (what != FRAMED_MESSAGE)
			return what;
	}
	return rest.n < f->whole ? FRAMED_MORE : take(f, f->whole, message, FRAMED_MESSAGE);
}

char *framer_room(struct framer *f, size_t n)
{
	return buf_room(&f->in, n);
}

void framer_added(struct framer *f, size_t n)
{
	f->in.n += n;
}

bool framer_inside_message(const struct framer *f)
{
	return f->looked > 0 || f->whole > 0 || f->first_line_seen ||
	       (f->from < f->in.n && (unsigned char)f->in.p[f->from] > ' ');
}

void framer_settle(struct framer *f)
{
	buf_drop_front(&f->in, f->from);
	f->from = 0;
	if (f->in.n == 0 && f->in.cap > KEEP_BYTES)
		buf_finish(&f->in);
}

void framer_finish(struct framer *f)
{
	buf_finish(&f->in);
	*f = (struct framer){ 0 };
}
