/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>
#include "sipside/locate/hosts_file.h"
#include "tests/lib/fake_env.h"

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void read_once_for_each_change(void **state)
{
	char path[] = "/tmp/tombolo-hosts-XXXXXX";
	struct fake_env fake;

	(void)state;
	close(mkstemp(path));
	put(path, "# comment\n127.0.0.1 localhost\n::1\tlocalhost ip6\r\n10.0.0.9  FE1.corp.example fe1 # mine\n"
		  "no address\n10.0.0.300 bad\n\n10.0.0.10 last");
	fake_env_init(&fake);
	struct hosts_file *f = hosts_file_create(&fake.env, path);

	assert_int_equal(hosts_file_find(f, STR("localhost"))->count, 2);
	assert_int_equal(hosts_file_find(f, STR("fe1.corp.example"))->at[0].in.sin_addr.s_addr, htonl(0x0a000009));
	assert_non_null(hosts_file_find(f, STR("fe1")));
	assert_non_null(hosts_file_find(f, STR("last")));
	assert_null(hosts_file_find(f, STR("bad")));
	assert_null(hosts_file_find(f, STR("mine")));
	assert_null(hosts_file_find(f, STR("address")));
	put(path, "10.0.0.1 new\n");
	assert_null(hosts_file_find(f, STR("new"))); /* not looked at again yet */
	fake_env_advance(&fake, HOSTS_FILE_LOOK_MS);
	assert_non_null(hosts_file_find(f, STR("new")));
	assert_null(hosts_file_find(f, STR("last")));
	unlink(path);
	fake_env_advance(&fake, HOSTS_FILE_LOOK_MS);
	assert_null(hosts_file_find(f, STR("new")));
	hosts_file_destroy(f);
	fake_env_finish(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(read_once_for_each_change) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
