/* SPDX-License-Identifier: MIT */
/* Entities, their transfer encodings, and the parts of a multipart. */
#include "mapping/mime.h"
#include "mapping/multipart.h"
#include "mapping/transfer_encoding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const struct {
	struct str encoding, bytes, text;
	bool good;
} rows[] = {
	{ STR_INIT(""), STR_INIT("as=20it"), STR_INIT("as=20it"), true },
	{ STR_INIT("8BIT"), STR_INIT("x"), STR_INIT("x"), true },
	{ STR_INIT("base64"), STR_INIT(""), STR_INIT(""), true },
	{ STR_INIT("base64"), STR_INIT("TA=="), STR_INIT("L"), true },
	{ STR_INIT("base64"), STR_INIT("THU="), STR_INIT("Lu"), true },
	{ STR_INIT("Base64"), STR_INIT("THVu\r\nY2g/"), STR_INIT("Lunch?"), true },
	{ STR_INIT("base64"), STR_INIT("THVuY2g"), STR_INIT("Lunch"), true },
	{ STR_INIT("base64"), STR_INIT("THVuY2g/A"), STR_INIT("Lunch?"), false },
	{ STR_INIT("quoted-printable"), STR_INIT("Gr=C3=BC=c3=9fe=\r\n!=3D"),
		STR_INIT("Gr\xc3\xbc\xc3\x9f"
			 "e!="),
		true },
	{ STR_INIT("quoted-printable"), STR_INIT("soft=  \t\nbreak="), STR_INIT("softbreak"), true },
	{ STR_INIT("quoted-printable"), STR_INIT("1=2 =G0 =4"), STR_INIT("1=2 =G0 =4"), true },
	{ STR_INIT("x-uuencode"), STR_INIT("x"), STR_INIT(""), false },
};

static void transfer_encodings_are_undone(void **state)
{
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str out;
		bool good = map_transfer_decode(&a, rows[i].encoding, rows[i].bytes, &out);

		if (good != rows[i].good || (good && !str_eq(out, rows[i].text)))
			fail_msg("row %zu: %d \"" STR_FMT "\"", i, good, STR_ARG(out));
	}
	arena_finish(&a);
}

static void fields_may_be_folded(void **state)
{
	struct arena a = { 0 };
	struct s_body body;

	(void)state;
	assert_true(map_mime_read(&a,
		STR("content-type: text/plain;\r\n\tcharset=utf-8;\r\n format=flowed\r\nX: y\r\n"
		    "Content-Language:\r\n de\r\n\r\none\r\n\r\ntwo"),
		&body));
	assert_true(str_eq(body.type, STR("text/plain;  \tcharset=utf-8;   format=flowed")));
	assert_true(str_eq(body.lang, STR("de")));
	assert_true(str_eq(body.bytes, STR("one\r\n\r\ntwo")));
	assert_true(map_mime_read(&a, STR("\nno fields"), &body));
	assert_true(str_eq(body.type, STR("text/plain")) && str_eq(body.bytes, STR("no fields")));
	assert_true(map_mime_read(&a, STR("Content-Type: a/b"), &body));
	assert_true(str_eq(body.type, STR("a/b")) && body.bytes.n == 0);
	arena_finish(&a);
}

static void parts_are_found(void **state)
{
	struct arena a = { 0 };
	struct s_body parts[MAP_MULTIPART_PARTS];
	struct s_body body = { .type = STR("multipart/alternative; boundary=\"a b\""),
		.bytes = STR("--a b\r\nContent-Transfer-Encoding: base64\r\n\r\naGk=\r\n"
			     "--a b \r\nContent-Transfer-Encoding: x-odd\r\n\r\nlost\r\n"
			     "--a bc\r\n--a b\r\nContent-Type:\r\n text/html\r\n\r\n<b>\r\n--a b--\r\n--a "
			     "b\r\n\r\nno\r\n--a b") };

	(void)state;
	assert_int_equal(map_multipart_read(&a, &body, parts), 2);
	assert_true(str_eq(parts[0].type, STR("text/plain")) && str_eq(parts[0].bytes, STR("hi")));
	assert_true(str_eq(parts[1].type, STR("text/html")) && str_eq(parts[1].bytes, STR("<b>")));
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transfer_encodings_are_undone),
		cmocka_unit_test(fields_may_be_folded),
		cmocka_unit_test(parts_are_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
