/* SPDX-License-Identifier: MIT */
#include "sipside/usage/sdp.h"
#include "tests/lib/fake_env.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void what_is_an_im_session(void **state)
{
	static const struct {
		const char *offer;
		bool usable;
	} rows[] = {
		{ "v=0\r\nm=message 5060 sip null\r\n", true },
		{ "m=x-ms-message 5060 sip null", true },
		{ "m=message 0 sip sip:a@b \r\n", true },
		{ "m=MESSAGE 9 SIP *\n", true },
		{ "m=audio 9 RTP/AVP 0\r\nm=message 5060 sip null\r\n", true },
		{ "m=message 7654 TCP/MSRP *\r\n", false }, /* RFC 4975: another thing by the same word */
		{ "m=audio 9 RTP/AVP 0\r\n", false },
		{ "m=message\r\n", false },
		{ "m=", false },
		{ "", false },
		{ "a=m=message 5060 sip null\r\n", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (sdp_is_usable(str_c(rows[i].offer)) != rows[i].usable)
			fail_msg("%s", rows[i].offer);
}

static void every_media_line_is_answered(void **state)
{
	const struct sdp_self self = { STR("192.0.2.1"), 5070, STR("sip:ann@a.example") };
	const struct sdp_self v6 = { STR("2001:db8::1"), 5060, STR_NONE };
	struct fake_env f;

	(void)state;
	fake_env_init(&f);
	struct str answer = sdp_write(&f.env,
		STR("v=0\r\nm=audio 9 RTP/AVP 0 8\r\nm=x-ms-message 5060 sip null\r\nm=message 1 sip null\r\n"), &self);

	assert_true(
		str_starts(answer, STR("v=0\r\no=- 0 0 IN IP4 192.0.2.1\r\ns=session\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
				       "m=audio 0 RTP/AVP 0 8\r\nm=x-ms-message 5070 sip sip:ann@a.example\r\n"
				       "a=accept-types:text/plain ")));
	assert_true(str_ends(answer, STR("\r\nm=message 0 sip null\r\n")));
	assert_null(memchr(answer.p, ',', answer.n));
	answer = sdp_write(&f.env, STR_NONE, &v6);
	assert_true(str_starts(answer, STR("v=0\r\no=- 0 0 IN IP6 2001:db8::1\r\n")));
	assert_non_null(strstr(answer.p, "\r\nm=message 5060 sip null\r\n"));
	fake_env_finish(&f);
}

/* Many lines cost one pass, and more media than anybody offers is refused. */
static void a_flood_of_media_is_refused(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_lit(&b, "m=message 5060 sip null\r\n");
	for (int i = 0; i < 16; i++)
		buf_lit(&b, "m=audio 1 RTP/AVP 0\r\n");
	assert_false(sdp_is_usable(buf_str(&b)));
	buf_finish(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_an_im_session),
		cmocka_unit_test(every_media_line_is_answered),
		cmocka_unit_test(a_flood_of_media_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
