/* SPDX-License-Identifier: MIT */
#include "mapping/typing.h"
#include "tests/lib/vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void both_kinds_are_read(void **state)
{
	(void)state;
	static const struct {
		struct str bytes;
		enum map_typing typing;
		unsigned refresh_s;
	} rows[] = {
		{ STR_INIT("<?xml version=\"1.0\"?><KeyboardActivity> <status status=\"type\" /></KeyboardActivity>"),
			MAP_TYPING_ACTIVE, 0 },
		{ STR_INIT("<KeyboardActivity><status status='idle'/></KeyboardActivity>"), MAP_TYPING_IDLE, 0 },
		{ STR_INIT("<KeyboardActivity><status status='ink'/></KeyboardActivity>"), MAP_TYPING_NONE, 0 },
		{ STR_INIT("<KeyboardActivity><status/></KeyboardActivity>"), MAP_TYPING_NONE, 0 },
		{ STR_INIT("<KeyboardActivity/>"), MAP_TYPING_NONE, 0 },
		{ STR_INIT("<isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'><state>active</state>"
			   "<refresh> 90 </refresh></isComposing>"),
			MAP_TYPING_ACTIVE, 90 },
		{ STR_INIT("<c:isComposing xmlns:c='x'><c:state> idle\n</c:state></c:isComposing>"), MAP_TYPING_IDLE,
			0 },
		{ STR_INIT("<isComposing><state>active</state><refresh>-1</refresh></isComposing>"), MAP_TYPING_ACTIVE,
			0 },
		{ STR_INIT("<isComposing><state>active</state><refresh>99999999999</refresh></isComposing>"),
			MAP_TYPING_ACTIVE, 0 },
		{ STR_INIT("<isComposing><refresh>60</refresh></isComposing>"), MAP_TYPING_NONE, 60 },
		{ STR_INIT("<action name=\"RequestRM\"/>"), MAP_TYPING_NONE, 0 },
		{ STR_INIT("not xml"), MAP_TYPING_NONE, 0 },
		{ STR_INIT(""), MAP_TYPING_NONE, 0 },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct s_body body = { .bytes = rows[i].bytes };
		unsigned refresh_s = 7;

		assert_int_equal(map_typing_read(&a, &body, &refresh_s), rows[i].typing);
		assert_int_equal(refresh_s, rows[i].refresh_s);
	}
	arena_finish(&a);
}

static void what_is_written_is_read_back(void **state)
{
	(void)state;
	struct arena a = { 0 };

	for (unsigned i = 0; map_profile_at(i); i++)
		for (enum map_typing typing = MAP_TYPING_ACTIVE; typing <= MAP_TYPING_IDLE; typing++) {
			const struct map_profile *profile = map_profile_at(i);
			struct s_body body = map_typing_write(&a, typing, profile);
			bool composing = !profile->keyboard_activity;
			unsigned refresh_s;

			assert_int_equal(map_typing_read(&a, &body, &refresh_s), typing);
			assert_int_equal(refresh_s,
				composing && typing == MAP_TYPING_ACTIVE ? profile->typing_expiry_ms / 1000 : 0);
			assert_true(str_eq(
				body.type, composing ? STR("application/im-iscomposing+xml") : STR("application/xml")));
			assert_true(composing || body.bytes.n == 82); /* byte for byte what the clients exchange */
		}
	arena_finish(&a);
}

/* RFC 7573 section 6, each value of either enum. */
static void chat_states_cross(void **state)
{
	(void)state;
	static const enum map_typing x2s[] = { MAP_TYPING_NONE, MAP_TYPING_IDLE, MAP_TYPING_ACTIVE, MAP_TYPING_IDLE,
		MAP_TYPING_IDLE, MAP_TYPING_NONE };

	assert_int_equal(sizeof(x2s) / sizeof(x2s[0]), X_CHATS);
	for (unsigned i = 0; i < X_CHATS; i++)
		assert_int_equal(map_typing_x2s((enum x_chat)i), x2s[i]);
	assert_int_equal(map_typing_s2x(MAP_TYPING_NONE), X_CHAT_NONE);
	assert_int_equal(map_typing_s2x(MAP_TYPING_ACTIVE), X_CHAT_COMPOSING);
	assert_int_equal(map_typing_s2x(MAP_TYPING_IDLE), X_CHAT_ACTIVE);
}

static void bodies_of_a_real_client_are_understood(void **state)
{
	(void)state;
	static const struct {
		const char *file;
		enum map_typing typing;
	} rows[] = { { "ms-client/lcs2005-15-INFO-typing-on.txt", MAP_TYPING_ACTIVE },
		{ "ms-client/lcs2005-16-INFO-typing-off.txt", MAP_TYPING_IDLE },
		{ "ms-client/ocs2007-15-INFO-typing-on.txt", MAP_TYPING_ACTIVE },
		{ "pjsip-fuzz-seeds/fuzz-presence/iscomposing_active.xml", MAP_TYPING_ACTIVE },
		{ "pjsip-fuzz-seeds/fuzz-presence/iscomposing_idle.xml", MAP_TYPING_IDLE } };
	struct arena a = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str bytes = file_bytes(arena_printf(&a, SHARED_TESTDATA "/%s", rows[i].file).p);
		const char *body = bytes.p ? strstr(bytes.p, "\r\n\r\n") : NULL;
		unsigned refresh_s;

		if (!bytes.p) {
			print_message("skipped: %s/%s is absent\n", SHARED_TESTDATA, rows[i].file);
			arena_finish(&a);
			skip();
		}
		struct s_body read = { .bytes = body ? str_c(body + 4) : bytes };

		assert_int_equal(map_typing_read(&a, &read, &refresh_s), rows[i].typing);
		free((char *)bytes.p);
	}
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_kinds_are_read),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(chat_states_cross),
		cmocka_unit_test(bodies_of_a_real_client_are_understood),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
