/* SPDX-License-Identifier: MIT */
/* One SQLite file: write-ahead log, synchronous=FULL, so that what was committed survives a loss of power. */
#include "component/store/store_backend.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mapping/base/alloc.h"

struct sqlite {
	sqlite3 *db;
	sqlite3_stmt *put, *restate, *drop;
	int64_t starts;
};

static bool run(sqlite3 *db, const char *sql, struct buf *error)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	buf_printf(error, "%s", sqlite3_errmsg(db));
	return false;
}

/* -- The schema: entry n takes it from version n to n + 1. Rows are only ever added here. */

static const char *const migrations[] = {
	"CREATE TABLE rows ("
	" kind INTEGER NOT NULL,"
	" user TEXT NOT NULL," /* node@domain */
	" other TEXT NOT NULL," /* user@host of the SIP URI */
	" key TEXT NOT NULL,"
	" state TEXT NOT NULL,"
	" dialog TEXT NOT NULL,"
	" expires INTEGER NOT NULL," /* Unix seconds, 0: never */
	" PRIMARY KEY (kind, user, other, key)) WITHOUT ROWID;",
	"CREATE TABLE starts (n INTEGER NOT NULL); INSERT INTO starts VALUES (0);",
};
enum { SCHEMA_VERSION = sizeof(migrations) / sizeof(*migrations) };

/* The first column of the first row; -1 with words. */
static int64_t ask_number(sqlite3 *db, const char *sql, struct buf *error)
{
	sqlite3_stmt *ask = NULL;
	int64_t answer = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &ask, NULL) == SQLITE_OK && sqlite3_step(ask) == SQLITE_ROW)
		answer = sqlite3_column_int64(ask, 0);
	else
		buf_printf(error, "%s", sqlite3_errmsg(db));
	sqlite3_finalize(ask);
	return answer;
}

static bool step_up(sqlite3 *db, int64_t from, struct buf *error)
{
	char version[64];

	for (; from < SCHEMA_VERSION; from++) {
		sqlite3_snprintf(sizeof(version), version, "PRAGMA user_version = %d", (int)from + 1);
		if (!run(db, migrations[from], error) || !run(db, version, error))
			return false;
	}
	return true;
}

/* In one transaction: a crash leaves the old version or the new one. */
static bool migrate(sqlite3 *db, struct buf *error)
{
	int64_t version = ask_number(db, "PRAGMA user_version", error);
	int64_t tables = ask_number(db, "SELECT count(*) FROM sqlite_schema", error);

	if (version < 0 || tables < 0)
		return false;
	if (version > SCHEMA_VERSION) {
		buf_printf(error, "its schema has version %lld, this program knows %d: a newer tombolo has used it",
			(long long)version, SCHEMA_VERSION);
		return false;
	}
	if (!version && tables) {
		buf_printf(error, "this is the database of another program");
		return false;
	}
	if (!run(db, "BEGIN IMMEDIATE", error))
		return false;
	if (step_up(db, version, error) && run(db, "COMMIT", error))
		return true;
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

/* -- Opening */

/* SQLite makes files that everybody may read; whose friend is whom is nobody else's business. */
static bool make_private(const char *path, struct buf *error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0) {
		buf_printf(error, "%s%s", strerror(errno), errno == ENOENT ? ": its directory is missing" : "");
		return false;
	}
	close(fd);
	return true;
}

static bool prepare(struct sqlite *s, struct buf *error)
{
	static const char put[] = "INSERT INTO rows (kind, user, other, key, state, dialog, expires)"
				  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET"
				  " state = ?5, dialog = ?6, expires = ?7";
	static const char restate[] =
		"UPDATE rows SET state = ?5 WHERE kind = ?1 AND user = ?2 AND other = ?3 AND key = ?4";
	static const char drop[] = "DELETE FROM rows WHERE kind = ?1 AND user = ?2 AND other = ?3 AND key = ?4";

	if (sqlite3_prepare_v3(s->db, put, -1, SQLITE_PREPARE_PERSISTENT, &s->put, NULL) == SQLITE_OK &&
		sqlite3_prepare_v3(s->db, restate, -1, SQLITE_PREPARE_PERSISTENT, &s->restate, NULL) == SQLITE_OK &&
		sqlite3_prepare_v3(s->db, drop, -1, SQLITE_PREPARE_PERSISTENT, &s->drop, NULL) == SQLITE_OK)
		return true;
	buf_printf(error, "%s", sqlite3_errmsg(s->db));
	return false;
}

static bool count_start(struct sqlite *s, struct buf *error)
{
	if (!run(s->db, "UPDATE starts SET n = n + 1", error))
		return false;
	s->starts = ask_number(s->db, "SELECT n FROM starts", error);
	return s->starts > 0;
}

static bool set_up(struct sqlite *s, const char *path, struct buf *error)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;

	if (strcmp(path, ":memory:") != 0 && !make_private(path, error))
		return false;
	if (sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK) {
		buf_printf(error, "%s", sqlite3_errmsg(s->db));
		return false;
	}
	sqlite3_busy_timeout(s->db, 5000);
	return run(s->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", error) && migrate(s->db, error) &&
	       prepare(s, error) && count_start(s, error);
}

static void sqlite_close(void *db)
{
	struct sqlite *s = db;

	sqlite3_finalize(s->put);
	sqlite3_finalize(s->restate);
	sqlite3_finalize(s->drop);
	sqlite3_close(s->db);
	free(s);
}

static void *sqlite_open(struct str path, struct buf *error)
{
	struct sqlite *s = alloc_zero(sizeof(*s));
	struct str copy = alloc_str(path);
	bool good;

	buf_printf(error, STR_FMT ": ", STR_ARG(path));
	good = set_up(s, copy.p, error);
	alloc_str_free(&copy);
	if (good)
		return s;
	sqlite_close(s);
	return NULL;
}

/* -- Rows */

static void bind(sqlite3_stmt *st, int at, struct str s)
{
	sqlite3_bind_text(st, at, s.n ? s.p : "", (int)s.n, SQLITE_TRANSIENT);
}

/* "left@right"; without `left` only the right part. */
static void bind_pair(sqlite3_stmt *st, int at, struct str left, struct str right)
{
	struct buf b = { .n = 0 };

	buf_add(&b, left);
	if (left.n)
		buf_addc(&b, '@');
	buf_add(&b, right);
	bind(st, at, buf_str(&b));
	buf_finish(&b);
}

static struct str column(sqlite3_stmt *st, int at)
{
	const char *p = (const char *)sqlite3_column_text(st, at);

	return (struct str){ p, (size_t)sqlite3_column_bytes(st, at) };
}

/* A node has no @ (RFC 7622 3.3.1). */
static struct x_jid column_jid(sqlite3_stmt *st, int at)
{
	struct str rest = column(st, at);
	size_t sign = str_find(rest, '@');

	if (sign == rest.n)
		return (struct x_jid){ .domain = rest };
	return (struct x_jid){ .node = str_cut(rest, 0, sign), .domain = str_cut(rest, sign + 1, rest.n) };
}

/* A host has no @; the decoded user may have one. */
static struct s_uri column_uri(sqlite3_stmt *st, int at)
{
	struct str all = column(st, at);
	size_t sign = all.n;

	while (sign && all.p[sign - 1] != '@')
		sign--;
	if (!sign)
		return (struct s_uri){ .host = all };
	return (struct s_uri){ .user = str_cut(all, 0, sign - 1), .host = str_cut(all, sign, all.n) };
}

static bool sqlite_load(void *db, void (*row)(void *arg, const struct store_row *), void *arg, struct buf *error)
{
	struct sqlite *s = db;
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(
		s->db, "SELECT kind, user, other, key, state, dialog, expires FROM rows", -1, &st, NULL);

	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(st);
		if (rc == SQLITE_ROW)
			row(arg, &(struct store_row){
					 .kind = (enum store_kind)sqlite3_column_int(st, 0),
					 .user = column_jid(st, 1),
					 .other = column_uri(st, 2),
					 .key = column(st, 3),
					 .state = column(st, 4),
					 .dialog = column(st, 5),
					 .expires_unix_s = sqlite3_column_int64(st, 6),
				 });
	}
	if (rc != SQLITE_DONE)
		buf_printf(error, "%s", sqlite3_errmsg(s->db));
	sqlite3_finalize(st);
	return rc == SQLITE_DONE;
}

static int64_t sqlite_starts(void *db)
{
	return ((struct sqlite *)db)->starts;
}

static bool apply_one(struct sqlite *s, const struct store_op *op)
{
	sqlite3_stmt *st = op->kind == STORE_PUT ? s->put : op->kind == STORE_RESTATE ? s->restate : s->drop;
	const struct store_row *r = &op->row;
	bool good;

	sqlite3_bind_int(st, 1, (int)r->kind);
	bind_pair(st, 2, r->user.node, r->user.domain);
	bind_pair(st, 3, r->other.user, r->other.host);
	bind(st, 4, r->key);
	if (op->kind != STORE_DROP)
		bind(st, 5, r->state);
	if (op->kind == STORE_PUT) {
		bind(st, 6, r->dialog);
		sqlite3_bind_int64(st, 7, r->expires_unix_s);
	}
	good = sqlite3_step(st) == SQLITE_DONE;
	sqlite3_reset(st);
	return good;
}

static bool apply_all(struct sqlite *s, const struct store_op *ops, struct buf *error)
{
	if (!run(s->db, "BEGIN IMMEDIATE", error))
		return false;
	for (; ops; ops = ops->next)
		if (ops->kind != STORE_AFTER && !apply_one(s, ops)) {
			buf_printf(error, "%s", sqlite3_errmsg(s->db));
			return false;
		}
	return run(s->db, "COMMIT", error);
}

static bool sqlite_apply(void *db, const struct store_op *ops, struct buf *error)
{
	struct sqlite *s = db;

	if (apply_all(s, ops, error))
		return true;
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

const struct store_backend store_sqlite = {
	.scheme = STR_INIT("sqlite:"),
	.open = sqlite_open,
	.load = sqlite_load,
	.starts = sqlite_starts,
	.apply = sqlite_apply,
	.close = sqlite_close,
};
