/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "component/operate/running.h"

/* A child holds the lock; killed, it holds it no more. */
static void test_lock(void **state)
{
	char folder[] = "/tmp/tombolo-running-XXXXXX", url[64], path[64], byte;
	int pipes[2], error;
	pid_t child, holder;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(url, sizeof(url), "sqlite:%s/db", folder);
	assert_int_equal(running_pid(str_c(url)), 0);
	assert_int_equal(pipe(pipes), 0);
	child = fork();
	if (!child) {
		if (running_lock(str_c(url), &holder, &error) && write(pipes[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(pipes[0], &byte, 1), 1);
	assert_int_equal(running_pid(str_c(url)), child);
	assert_false(running_lock(str_c(url), &holder, &error));
	assert_int_equal(holder, child);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(running_pid(str_c(url)), 0);
	assert_true(running_lock(str_c(url), &holder, &error));
	snprintf(path, sizeof(path), "%s/db.lock", folder);
	unlink(path);
	rmdir(folder);
	close(pipes[0]);
	close(pipes[1]);
}

static void test_no_file(void **state)
{
	int error;
	pid_t holder;

	(void)state;
	assert_true(running_lock(STR("sqlite::memory:"), &holder, &error));
	assert_int_equal(running_pid(STR("sqlite::memory:")), 0);
	assert_false(running_lock(STR("sqlite:/nonexistent/db"), &holder, &error));
	assert_int_equal(error, ENOENT);
	assert_int_equal(holder, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
