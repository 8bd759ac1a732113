/* SPDX-License-Identifier: MIT */
/* The store on real SQLite files in a folder of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "component/loop.h"
#include "component/store/store.h"
#include "tests/lib/fake_env.h"

enum { ROWS_MAX = 16 };

struct bench {
	struct loop loop;
	struct store *store;
	char folder[32];
	char url[64]; /* sqlite:/tmp/tombolo-store-XXXXXX/db */
	char *path;
	unsigned durable, refused; /* outcomes of store_after */
	unsigned events; /* EVENT_STORE */
	char last_why[32];
	char seen[ROWS_MAX][128]; /* loaded rows, as text */
	unsigned count;
};

static void on_event(void *arg, const struct event *e)
{
	struct bench *b = arg;

	if (e->kind != EVENT_STORE)
		return;
	b->events++;
	snprintf(b->last_why, sizeof(b->last_why), STR_FMT, STR_ARG(e->why));
}

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	strcpy(b->folder, "/tmp/tombolo-store-XXXXXX");
	assert_non_null(mkdtemp(b->folder));
	snprintf(b->url, sizeof(b->url), "sqlite:%s/db", b->folder);
	b->path = b->url + strlen("sqlite:");
	loop_init(&b->loop);
	sinks_add(&b->loop.sinks, (struct sink){ .event = on_event, .arg = b });
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;
	char command[128];

	store_close(b->store);
	loop_finish(&b->loop);
	snprintf(command, sizeof(command), "rm -rf '%s'", b->folder);
	assert_int_equal(system(command), 0);
	free(b);
	return 0;
}

static void open_store(struct bench *b)
{
	struct str error = STR_NONE;

	b->store = store_open(str_c(b->url), &b->loop.env, &error);
	if (!b->store)
		print_error(STR_FMT "\n", STR_ARG(error));
	assert_non_null(b->store);
}

static void close_store(struct bench *b)
{
	store_close(b->store);
	b->store = NULL;
	uv_run(&b->loop.uv, UV_RUN_NOWAIT);
}

static struct store_row row(const char *node, const char *state)
{
	return (struct store_row){
		.kind = STORE_WATCHER,
		.user = { str_c(node), STR_INIT("a.example"), { NULL, 0 } },
		.other = { STR_INIT("bob@home"), STR_INIT("b.example"), { NULL, 0 } },
		.state = str_c(state),
		.expires_unix_s = 77,
	};
}

static void put(struct bench *b, const char *node, const char *state)
{
	struct store_row r = row(node, state);

	store_put(b->store, &r);
}

static void on_row(void *arg, const struct store_row *r)
{
	struct bench *b = arg;

	assert_true(b->count < ROWS_MAX);
	snprintf(b->seen[b->count++], sizeof(b->seen[0]),
		"%d " STR_FMT "|" STR_FMT " " STR_FMT "|" STR_FMT " " STR_FMT "," STR_FMT "," STR_FMT " %lld",
		(int)r->kind, STR_ARG(r->user.node), STR_ARG(r->user.domain), STR_ARG(r->other.user),
		STR_ARG(r->other.host), STR_ARG(r->key), STR_ARG(r->state), STR_ARG(r->dialog),
		(long long)r->expires_unix_s);
}

static void load(struct bench *b)
{
	b->count = 0;
	assert_int_equal(store_load(b->store, on_row, b), REASON_NONE);
}

static bool loaded(const struct bench *b, const char *text)
{
	for (unsigned i = 0; i < b->count; i++)
		if (!strcmp(b->seen[i], text))
			return true;
	return false;
}

static void on_durable(void *arg, enum reason why)
{
	struct bench *b = arg;

	if (why == REASON_NONE)
		b->durable++;
	else
		b->refused++;
}

/* Turns the loop until so many outcomes have come. */
static void await(struct bench *b, unsigned outcomes)
{
	while (b->durable + b->refused < outcomes)
		uv_run(&b->loop.uv, UV_RUN_ONCE);
}

static void test_put_replace_drop(void **state)
{
	struct bench *b = *state;
	struct store_row r = row("ann", "gone");

	open_store(b);
	put(b, "ann", "pending");
	put(b, "ann", "active");
	put(b, "cid", "x");
	put(b, "dan", "y");
	r = row("cid", "");
	store_drop(b->store, &r);
	r = row("", "bare domain");
	r.kind = STORE_DIALOG;
	r.other = (struct s_uri){ .host = STR_INIT("c.example") };
	r.key = STR("call-1");
	r.dialog = STR("a line");
	store_put(b->store, &r);
	close_store(b);
	open_store(b);
	load(b);
	assert_int_equal(b->count, 3);
	assert_true(loaded(b, "2 ann|a.example bob@home|b.example ,active, 77"));
	assert_true(loaded(b, "2 dan|a.example bob@home|b.example ,y, 77"));
	assert_true(loaded(b, "3 |a.example |c.example call-1,bare domain,a line 77"));
}

static void test_after_never_early(void **state)
{
	struct bench *b = *state;

	open_store(b);
	put(b, "ann", "1");
	store_after(b->store, on_durable, b);
	assert_int_equal(b->durable, 0);
	await(b, 1);
	assert_int_equal(b->durable, 1);
	/* It is on the disk now, for another connection too. */
	{
		struct store *kept = b->store;

		open_store(b);
		load(b);
		assert_int_equal(b->count, 1);
		close_store(b);
		b->store = kept;
	}
	store_after(b->store, on_durable, b); /* nothing before it is not written: comes too */
	await(b, 2);
	assert_int_equal(b->refused, 0);
}

static void test_close_delivers(void **state)
{
	struct bench *b = *state;

	open_store(b);
	put(b, "ann", "1");
	store_after(b->store, on_durable, b);
	store_after(b->store, on_durable, b);
	close_store(b);
	assert_int_equal(b->durable, 2);
	store_close(NULL);
}

static void expect_refused(struct bench *b, const char *words)
{
	struct str error = STR_NONE;
	struct store *s = store_open(str_c(b->url), &b->loop.env, &error);

	assert_null(s);
	if (!strstr(arena_str(&b->loop.turn, error).p, words)) {
		print_error("expected \"%s\", got \"" STR_FMT "\"\n", words, STR_ARG(error));
		fail();
	}
}

static void shell(const char *fmt, const char *path)
{
	char command[512];

	snprintf(command, sizeof(command), fmt, path);
	assert_int_equal(system(command), 0);
}

static void write_file(const char *path, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

static void test_refused_files(void **state)
{
	struct bench *b = *state;
	char garbage[8192];

	open_store(b);
	close_store(b);
	shell("sqlite3 '%s' 'PRAGMA user_version = 99'", b->path);
	expect_refused(b, "its schema has version 99");
	memset(garbage, 'x', sizeof(garbage));
	write_file(b->path, garbage, sizeof(garbage));
	expect_refused(b, "not a database");
	assert_int_equal(unlink(b->path), 0);
	shell("sqlite3 '%s' 'CREATE TABLE mail (x)'", b->path);
	expect_refused(b, "another program");
	snprintf(b->url, sizeof(b->url), "sqlite:/tmp");
	expect_refused(b, "directory");
	snprintf(b->url, sizeof(b->url), "sqlite:/nonexistent-folder/db");
	expect_refused(b, "its directory is missing");
	snprintf(b->url, sizeof(b->url), "mysql:x");
	expect_refused(b, "no database of this kind");
}

static void test_private_file(void **state)
{
	struct bench *b = *state;
	struct stat st;

	open_store(b);
	assert_int_equal(stat(b->path, &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
}

/* A file that is good at its start and bad behind: opening works, loading says so. */
static void test_corrupt_pages(void **state)
{
	struct bench *b = *state;
	char noise[4096];
	char node[32];
	int fd;

	open_store(b);
	for (int i = 0; i < 500; i++) {
		snprintf(node, sizeof(node), "user%d", i);
		put(b, node, "0123456789012345678901234567890123456789");
	}
	close_store(b);
	fd = open(b->path, O_WRONLY);
	memset(noise, 0xa5, sizeof(noise));
	for (int page = 3; page < 7; page++) /* behind the roots of the two tables */
		assert_int_equal(pwrite(fd, noise, sizeof(noise), page * 4096), sizeof(noise));
	close(fd);
	open_store(b);
	b->count = 0;
	assert_int_equal(store_load(b->store, on_row, b), REASON_INTERNAL);
	assert_int_equal(b->events, 1);
	assert_string_equal(b->last_why, "unreadable");
}

/* RLIMIT_FSIZE stands for a full disk: writing fails, reading goes on. */
static void test_disk_full_and_back(void **state)
{
	struct bench *b = *state;
	struct rlimit was, small;
	char big[30000];

	signal(SIGXFSZ, SIG_IGN);
	open_store(b);
	put(b, "ann", "before");
	store_after(b->store, on_durable, b);
	await(b, 1);
	memset(big, 'z', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	getrlimit(RLIMIT_FSIZE, &was);
	small = was;
	small.rlim_cur = 20000;
	setrlimit(RLIMIT_FSIZE, &small);
	put(b, "ann", big);
	put(b, "cid", "later");
	store_after(b->store, on_durable, b);
	await(b, 2);
	assert_int_equal(b->refused, 1);
	assert_int_equal(b->events, 1);
	assert_string_equal(b->last_why, "failed");
	setrlimit(RLIMIT_FSIZE, &was);
	put(b, "dan", "after");
	store_after(b->store, on_durable, b);
	await(b, 3);
	assert_int_equal(b->durable, 2);
	assert_int_equal(b->events, 2);
	assert_string_equal(b->last_why, "recovered");
	load(b);
	assert_int_equal(b->count, 3);
	assert_true(loaded(b, "2 cid|a.example bob@home|b.example ,later, 77"));
}

/* Reports each row by a byte once it is durable, without end. */
static _Noreturn void child_writes(struct bench *b, int out)
{
	char node[32];

	open_store(b);
	for (unsigned i = 0;; i++) {
		snprintf(node, sizeof(node), "u%u", i % 8);
		snprintf(b->last_why, sizeof(b->last_why), "%u", i);
		put(b, node, b->last_why);
		store_after(b->store, on_durable, b);
		await(b, i + 1);
		if (write(out, ".", 1) != 1)
			_exit(1);
	}
}

/* What had been reported durable before kill -9 is there afterwards. */
static void test_kill_in_the_middle(void **state)
{
	struct bench *b = *state;
	int pipes[2], status;
	unsigned reported = 0, newest = 0;
	char bytes[64];
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (!pid) {
		uv_loop_fork(&b->loop.uv);
		close(pipes[0]);
		child_writes(b, pipes[1]);
	}
	close(pipes[1]);
	while (reported < 50 && (n = read(pipes[0], bytes, 10)) > 0)
		reported += (unsigned)n;
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	while ((n = read(pipes[0], bytes, sizeof(bytes))) > 0)
		reported += (unsigned)n;
	close(pipes[0]);
	assert_true(reported >= 50);
	open_store(b);
	load(b);
	assert_int_equal(b->count, 8);
	for (unsigned i = 0; i < b->count; i++) {
		unsigned value = (unsigned)atoi(strchr(b->seen[i], ',') + 1);

		newest = value > newest ? value : newest;
	}
	assert_true(newest + 1 >= reported);
}

static void count_row(void *arg, const struct store_row *r)
{
	(void)r;
	++*(unsigned *)arg;
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void test_many_rows(void **state)
{
	struct bench *b = *state;
	char node[32], call[64];
	struct store_row r;
	unsigned count = 0;
	double start = seconds(), written;

	open_store(b);
	for (unsigned i = 0; i < 100000; i++) {
		snprintf(node, sizeof(node), "user%06u", i);
		snprintf(call, sizeof(call), "%08x@node.example.com", i * 2654435761u);
		r = row(node, "active 12345 67890");
		r.key = str_c(call);
		r.dialog = STR("tag=1234567890abcdef;cseq=65536;route=<sip:fe01.corp.example.com:5061;transport=tls;lr;"
			       "ms-fe=fe01.corp.example.com;opaque=state:F:T:C:Ieh-HzY4P>");
		store_put(b->store, &r);
	}
	store_after(b->store, on_durable, b);
	await(b, 1);
	assert_int_equal(b->durable, 1);
	written = seconds();
	assert_int_equal(store_load(b->store, count_row, &count), REASON_NONE);
	assert_int_equal(count, 100000);
	print_message("100,000 rows: written in %.2f s, loaded in %.3f s\n", written - start, seconds() - written);
}

/* Without a loop everything is written when the turn ends. */
static void test_without_loop(void **state)
{
	struct bench *b = *state;
	struct fake_env fake;
	struct str error;

	fake_env_init(&fake);
	b->store = store_open(STR("sqlite::memory:"), &fake.env, &error);
	assert_non_null(b->store);
	put(b, "ann", "1");
	store_after(b->store, on_durable, b);
	assert_int_equal(b->durable, 0);
	env_end_turn(&fake.env);
	assert_int_equal(b->durable, 1);
	load(b);
	assert_int_equal(b->count, 1);
	store_close(b->store);
	b->store = NULL;
	fake_env_finish(&fake);
}

#define test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_put_replace_drop),
		test(test_after_never_early),
		test(test_close_delivers),
		test(test_refused_files),
		test(test_private_file),
		test(test_corrupt_pages),
		test(test_disk_full_and_back),
		test(test_kill_in_the_middle),
		test(test_many_rows),
		test(test_without_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
