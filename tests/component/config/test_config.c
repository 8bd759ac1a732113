/* SPDX-License-Identifier: MIT */
/* Every tests/vectors/config/X.conf is loaded; what is said about it must be X.expected, word for word: the faults, or
 * "ok" and the notices ("line: words", "line! words" where `serve` refuses). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "component/config/config.h"

static const char folder[] = TESTS_DIR "/vectors/config/";

static void slurp(const char *name, const char *ending, struct buf *out)
{
	char path[512];
	FILE *in;
	size_t got;

	snprintf(path, sizeof(path), "%s%s%s", folder, name, ending);
	in = fopen(path, "re");
	if (!in) {
		print_error("%s is missing\n", path);
		fail();
	}
	do {
		got = fread(buf_room(out, 4096), 1, 4096, in);
		out->n += got;
	} while (got);
	fclose(in);
}

static void describe(const struct config *c, struct buf *out)
{
	buf_lit(out, "ok\n");
	for (unsigned i = 0; i < c->notices_count; i++)
		buf_printf(out, "%u%c " STR_FMT "\n", c->notices[i].line, c->notices[i].refuse ? '!' : ':',
			STR_ARG(c->notices[i].text));
}

static bool check_vector(const char *file)
{
	char name[256];
	struct buf text = { .n = 0 }, expected = { .n = 0 }, got = { .n = 0 };
	struct config *c;
	bool same;

	snprintf(name, sizeof(name), "%.*s", (int)(strlen(file) - strlen(".conf")), file);
	slurp(name, ".conf", &text);
	slurp(name, ".expected", &expected);
	c = config_load_text(buf_str(&text), file, &got);
	assert_true(!c == !!got.n);
	if (c)
		describe(c, &got);
	same = str_eq(buf_str(&got), buf_str(&expected));
	if (!same)
		print_error("%s: expected\n" STR_FMT "got\n" STR_FMT "\n", file, STR_ARG(buf_str(&expected)),
			STR_ARG(buf_str(&got)));
	config_free(c);
	buf_finish(&text);
	buf_finish(&expected);
	buf_finish(&got);
	return same;
}

static void test_vectors(void **state)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	unsigned seen = 0, bad = 0;

	(void)state;
	assert_non_null(dir);
	while ((e = readdir(dir)))
		if (str_ends(str_c(e->d_name), STR(".conf"))) {
			seen++;
			bad += !check_vector(e->d_name);
		}
	closedir(dir);
	assert_true(seen > 20);
	assert_int_equal(bad, 0);
}

static struct config *load(const char *name)
{
	struct buf text = { .n = 0 }, errors = { .n = 0 };
	struct config *c;

	slurp(name, ".conf", &text);
	c = config_load_text(buf_str(&text), name, &errors);
	if (!c)
		print_error(STR_FMT, STR_ARG(buf_str(&errors)));
	assert_non_null(c);
	buf_finish(&text);
	buf_finish(&errors);
	return c;
}

#define assert_str(s, literal) assert_true(str_eq((s), STR(literal)))

static void test_defaults(void **state)
{
	struct config *c = load("minimal");
	const struct config_domain *d = c->domains;

	(void)state;
	assert_str(c->node, "br1.example.com");
	assert_str(c->xmpp.host, "127.0.0.1");
	assert_int_equal(c->xmpp.port, 5347);
	assert_str(c->xmpp.secret, "s3cret");
	assert_int_equal(c->listen_count, 1);
	assert_int_equal(c->listen->transport, SIPSIDE_UDP);
	assert_int_equal(c->listen->port, 5060);
	assert_int_equal(c->domains_count, 1);
	assert_str(d->name, "example.com");
	assert_int_equal(d->mode, CONFIG_GATEWAY);
	assert_str(d->profile->name, "lync");
	assert_str(d->link.component, "sip.example.com");
	assert_str(d->link.secret, "s3cret");
	assert_int_equal(d->serves_count, 1);
	assert_str(d->serves[0], "example.com");
	assert_int_equal(d->routes_count, 1);
	assert_str(d->routes->name, "r");
	assert_int_equal(d->routes->to.port, 5070);
	assert_int_equal(d->routes->priority, 1);
	assert_int_equal(d->allow_count, 0);
	assert_int_equal(d->authorize, CONFIG_ASK);
	assert_int_equal(d->denied, CONFIG_OFFLINE);
	assert_int_equal(d->busy_as, X_SHOW_DND);
	assert_int_equal(d->line, 4);
	assert_str(c->storage_url, "sqlite:/var/lib/tombolo/tombolo.db");
	assert_int_equal(c->limits.sessions, 20000);
	assert_int_equal(c->limits.subscriptions, 200000);
	assert_int_equal(c->limits.messages_per_user, 5);
	assert_int_equal(c->limits.messages_per_user_ms, 1000);
	assert_int_equal(c->limits.message_bytes, 65536);
	assert_int_equal(c->limits.session_setup_ms, 120000);
	assert_int_equal(c->limits.session_idle_ms, 600000);
	assert_int_equal(c->log.level, LEVEL_INFO);
	assert_int_equal(c->notices_count, 0);
	config_free(c);
}

static void test_every_key(void **state)
{
	struct config *c = load("full");
	const struct config_domain *d = c->domains;

	(void)state;
	assert_int_equal(c->listen_count, 3);
	assert_int_equal(c->listen[0].transport, SIPSIDE_TLS);
	assert_int_equal(c->listen[2].port, 5060);
	assert_str(c->tls.cert, "/dev/null");
	assert_str(c->tls.crl, "/dev/null");
	assert_int_equal(c->tls.min_version, 12);
	assert_int_equal(c->hosts_count, 1);
	assert_str(c->hosts[0], "fe1.corp.example=10.0.0.9");
	assert_int_equal(c->domains_count, 2);
	assert_str(d->name, "example.com");
	assert_int_equal(d->routes_count, 3);
	assert_str(d->routes[0].to.host, "fe01.corp.example.com");
	assert_str(d->routes[1].to.host, "::1");
	assert_int_equal(d->routes[1].priority, 2);
	assert_int_equal(d->route_lines[1], 30);
	assert_int_equal(d->allow_count, 4);
	assert_int_equal(d->authorize, CONFIG_AUTO);
	assert_int_equal(d->authorize_line, 33);
	assert_int_equal(d->denied, CONFIG_REJECTED);
	assert_int_equal(d->busy_as, X_SHOW_AWAY);
	assert_true(d->toast && d->remote_users);
	d++;
	assert_int_equal(d->mode, CONFIG_FEDERATED);
	assert_str(d->profile->name, "simple");
	assert_str(d->link.host, "::1");
	assert_int_equal(d->link.port, 5348);
	assert_str(d->link.component, "partner.example");
	assert_int_equal(d->routes->to.port, 0); /* to be looked up */
	assert_str(c->storage_url, "sqlite:/var/lib/tombolo/other.db");
	assert_int_equal(c->limits.messages_per_user, 300);
	assert_int_equal(c->limits.messages_per_user_ms, 60000);
	assert_int_equal(c->limits.session_idle_ms, 3600000);
	assert_int_equal(c->log.level, LEVEL_DEBUG);
	config_free(c);
}

static void test_missing_file(void **state)
{
	struct buf errors = { .n = 0 };

	(void)state;
	assert_null(config_load("/nonexistent/tombolo.conf", &errors));
	assert_str(buf_str(&errors), "/nonexistent/tombolo.conf: No such file or directory\n");
	buf_clear(&errors);
	assert_null(config_load("/", &errors));
	assert_str(buf_str(&errors), "/: Is a directory\n");
	buf_finish(&errors);
	config_free(NULL);
}

/* Any prefix of a good file is refused or accepted, but never hurts. */
static void test_every_prefix(void **state)
{
	struct buf text = { .n = 0 }, errors = { .n = 0 };

	(void)state;
	slurp("full", ".conf", &text);
	for (size_t n = 0; n < text.n; n += 3) {
		struct config *c = config_load_text(str_cut(buf_str(&text), 0, n), "prefix", &errors);

		assert_true(!c == !!errors.n);
		config_free(c);
		buf_clear(&errors);
	}
	buf_finish(&text);
	buf_finish(&errors);
}

static void test_many_faults_end(void **state)
{
	struct buf text = { .n = 0 }, errors = { .n = 0 };
	size_t lines = 0;

	(void)state;
	for (int i = 0; i < 5000; i++)
		buf_printf(&text, "x%d = 1\n", i);
	assert_null(config_load_text(buf_str(&text), "many", &errors));
	for (size_t i = 0; i < errors.n; i++)
		lines += errors.p[i] == '\n';
	assert_int_equal(lines, 51);
	assert_true(str_ends(buf_str(&errors), STR("many: and 4950 more\n")));
	buf_finish(&text);
	buf_finish(&errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_every_key),
		cmocka_unit_test(test_missing_file),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_many_faults_end),
	};

	setenv("TOMBOLO_TEST_SECRET", "s3cret", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
