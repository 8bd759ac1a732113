/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "component/config/secret.h"

static struct arena arena;
static struct str secret, words;

static enum secret_source read_spec(const char *spec)
{
	return secret_read(&arena, str_c(spec), &secret, &words);
}

static void test_literal_and_env(void **state)
{
	(void)state;
	assert_int_equal(read_spec("pa:ss"), SECRET_LITERAL);
	assert_true(str_eq(secret, STR("pa:ss")));
	assert_true(words.n > 0);
	setenv("TOMBOLO_TEST_SECRET", "s3cret ", 1);
	assert_int_equal(read_spec("env:TOMBOLO_TEST_SECRET"), SECRET_ENV);
	assert_true(str_eq(secret, STR("s3cret ")));
	assert_int_equal(words.n, 0);
	setenv("TOMBOLO_TEST_SECRET", "", 1);
	assert_int_equal(read_spec("env:TOMBOLO_TEST_SECRET"), SECRET_BAD);
	unsetenv("TOMBOLO_TEST_SECRET");
	assert_int_equal(read_spec("env:TOMBOLO_TEST_SECRET"), SECRET_BAD);
	assert_int_equal(read_spec(""), SECRET_BAD);
}

static enum secret_source read_bytes(const void *bytes, size_t n, mode_t mode)
{
	char path[] = "/tmp/tombolo-secret-XXXXXX", spec[64];
	int fd = mkstemp(path);
	enum secret_source source;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	fchmod(fd, mode);
	close(fd);
	snprintf(spec, sizeof(spec), "file:%s", path);
	source = read_spec(spec);
	unlink(path);
	return source;
}

static void test_file(void **state)
{
	char big[SECRET_MAX + 10];

	(void)state;
	assert_int_equal(read_bytes("s3cret \r\n", 9, 0600), SECRET_FILE);
	assert_true(str_eq(secret, STR("s3cret")));
	assert_int_equal(words.n, 0);
	assert_int_equal(read_bytes("s3cret", 6, 0644), SECRET_FILE);
	assert_non_null(strstr(words.p, "every user"));
	assert_int_equal(read_bytes("\n", 1, 0600), SECRET_BAD);
	assert_int_equal(read_bytes("a\0b", 3, 0600), SECRET_BAD);
	memset(big, 'x', sizeof(big));
	assert_int_equal(read_bytes(big, sizeof(big), 0600), SECRET_BAD);
	assert_int_equal(read_bytes(big, SECRET_MAX, 0600), SECRET_FILE);
	assert_int_equal(read_spec("file:/nonexistent"), SECRET_BAD);
	assert_non_null(strstr(words.p, "No such file"));
	assert_int_equal(read_spec("file:/"), SECRET_BAD);
}

/* A FIFO by mistake must not hang the start. */
static void test_fifo(void **state)
{
	char path[] = "/tmp/tombolo-fifo-XXXXXX", spec[64];

	(void)state;
	close(mkstemp(path));
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	snprintf(spec, sizeof(spec), "file:%s", path);
	assert_int_equal(read_spec(spec), SECRET_BAD);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_literal_and_env),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_fifo),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_finish(&arena);
	return failed;
}
