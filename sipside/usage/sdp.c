/* SPDX-License-Identifier: MIT */
#include "sipside/usage/sdp.h"

#include "mapping/im.h"

enum { MAX_MEDIA = 16 };

struct media {
	struct str word, port, proto, formats;
};

static bool read_media(struct str line, struct media *m)
{
	if (!str_starts(line, STR("m=")))
		return false;
	line = str_trim(str_cut(line, 2, line.n));
	m->word = str_next(&line, ' ');
	m->port = str_next(&line, ' ');
	m->proto = str_next(&line, ' ');
	m->formats = line;
	return m->word.n && m->port.n && m->proto.n;
}

/* Any port, any format word; "sip" tells it from MSRP, whose media word is the same (RFC 4975 8). */
static bool is_ours(const struct media *m)
{
	return (str_eq_nocase(m->word, STR("message")) || str_eq_nocase(m->word, STR("x-ms-message"))) &&
	       str_eq_nocase(m->proto, STR("sip"));
}

bool sdp_is_usable(struct str offer)
{
	unsigned count = 0;
	bool usable = false;

	while (offer.n) {
		struct media m;

		if (!read_media(str_next(&offer, '\n'), &m))
			continue;
		if (++count > MAX_MEDIA)
			return false;
		usable = usable || is_ours(&m);
	}
	return usable;
}

/* "text/plain, text/html" as SDP writes it: divided by blanks. */
static void add_accept_types(struct buf *b)
{
	struct str rest = map_im_accept;

	buf_lit(b, "a=accept-types:");
	for (bool first = true; rest.n; first = false) {
		if (!first)
			buf_addc(b, ' ');
		buf_add(b, str_trim(str_next(&rest, ',')));
	}
	buf_lit(b, "\r\n");
}

static void add_ours(struct buf *b, struct str word, const struct sdp_self *self)
{
	buf_printf(b, "m=" STR_FMT " %u sip " STR_FMT "\r\n", STR_ARG(word), self->port,
		STR_ARG(self->party.n ? self->party : STR("null")));
	add_accept_types(b);
}

static void add_media(struct buf *b, struct str offer, const struct sdp_self *self)
{
	bool taken = false;
	struct media m;

	while (offer.n) {
		if (!read_media(str_next(&offer, '\n'), &m))
			continue;
		if (!taken && is_ours(&m)) {
			taken = true;
			add_ours(b, m.word, self);
		} else {
			buf_printf(b, "m=" STR_FMT " 0 " STR_FMT " " STR_FMT "\r\n", STR_ARG(m.word), STR_ARG(m.proto),
				STR_ARG(m.formats));
		}
	}
}

struct str sdp_write(const struct env *env, struct str offer, const struct sdp_self *self)
{
	const char *family = str_find(self->host, ':') < self->host.n ? "IP6" : "IP4";
	struct buf b = { 0 };

	buf_printf(&b, "v=0\r\no=- 0 0 IN %s " STR_FMT "\r\ns=session\r\nc=IN %s " STR_FMT "\r\nt=0 0\r\n", family,
		STR_ARG(self->host), family, STR_ARG(self->host));
	if (offer.n)
		add_media(&b, offer, self);
	else
		add_ours(&b, STR("message"), self);
	struct str text = arena_str(env->turn, buf_str(&b));

	buf_finish(&b);
	return text;
}
