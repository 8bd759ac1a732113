/* SPDX-License-Identifier: MIT */
#include "mapping/charset.h"

#include <errno.h>
#include <iconv.h>

static const struct str known[] = {
	STR_INIT("iso-8859-1"),
	STR_INIT("iso-8859-2"),
	STR_INIT("iso-8859-3"),
	STR_INIT("iso-8859-4"),
	STR_INIT("iso-8859-5"),
	STR_INIT("iso-8859-6"),
	STR_INIT("iso-8859-7"),
	STR_INIT("iso-8859-8"),
	STR_INIT("iso-8859-9"),
	STR_INIT("iso-8859-10"),
	STR_INIT("iso-8859-13"),
	STR_INIT("iso-8859-14"),
	STR_INIT("iso-8859-15"),
	STR_INIT("iso-8859-16"),
	STR_INIT("windows-1250"),
	STR_INIT("windows-1251"),
	STR_INIT("windows-1252"),
	STR_INIT("windows-1253"),
	STR_INIT("windows-1254"),
	STR_INIT("windows-1255"),
	STR_INIT("windows-1256"),
	STR_INIT("windows-1257"),
	STR_INIT("windows-1258"),
	STR_INIT("koi8-r"),
	STR_INIT("koi8-u"),
	STR_INIT("utf-16"),
	STR_INIT("utf-16le"),
	STR_INIT("utf-16be"),
	STR_INIT("shift_jis"),
	STR_INIT("euc-jp"),
	STR_INIT("euc-kr"),
	STR_INIT("gb2312"),
	STR_INIT("gbk"),
	STR_INIT("gb18030"),
	STR_INIT("big5"),
	STR_INIT("tis-620"),
};

bool map_charset_is_utf8(struct str charset)
{
	return charset.n == 0 || str_eq_nocase(charset, STR("utf-8")) || str_eq_nocase(charset, STR("us-ascii")) ||
	       str_eq_nocase(charset, STR("utf8"));
}

static const char *known_name(struct str charset)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq_nocase(charset, known[i]))
			return known[i].p;
	return NULL;
}

static bool convert(iconv_t cd, struct str bytes, struct buf *b)
{
	char *in = (char *)bytes.p;
	size_t left = bytes.n;

	for (bool flushed = false; !flushed;) {
		char *to = buf_room(b, 1024);
		size_t room = b->cap - b->n, before = room;

		flushed = left == 0; /* windows-1258 holds its last character back until it is asked */
		size_t did = iconv(cd, flushed ? NULL : &in, flushed ? NULL : &left, &to, &room);

		b->n += before - room;
		if (did == (size_t)-1 && (errno != E2BIG || room == before))
			return false;
	}
	return true;
}

bool map_charset_to_utf8(struct arena *a, struct str bytes, struct str charset, struct str *out)
{
	const char *name = known_name(charset);
	iconv_t cd = name && bytes.n <= MAP_CHARSET_BYTES ? iconv_open("UTF-8", name) : (iconv_t)-1;
	struct buf b = { 0 };

	if (cd == (iconv_t)-1)
		return false;
	bool good = convert(cd, bytes, &b);

	iconv_close(cd);
	if (good)
		*out = arena_str(a, buf_str(&b));
	buf_finish(&b);
	return good;
}

void map_charset_upper_half(struct str charset, uint32_t characters[128])
{
	const char *name = known_name(charset);
	iconv_t cd = name ? iconv_open("UTF-16BE", name) : (iconv_t)-1;

	for (unsigned i = 0; i < 128; i++) {
		char byte = (char)(0x80 + i), *in = &byte;
		unsigned char made[8];
		char *to = (char *)made;
		size_t left = 1, room = sizeof(made);

		characters[i] = 0;
		if (cd == (iconv_t)-1 || iconv(cd, &in, &left, &to, &room) == (size_t)-1)
			continue;
		if (iconv(cd, NULL, NULL, &to, &room) != (size_t)-1 && room + 2 == sizeof(made))
			characters[i] = (uint32_t)made[0] << 8 | made[1];
	}
	if (cd != (iconv_t)-1)
		iconv_close(cd);
}
