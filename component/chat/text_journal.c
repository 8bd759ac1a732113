/* SPDX-License-Identifier: MIT */
#include "component/chat/text_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "mapping/base/alloc.h"
#include "mapping/base/arena.h"
#include "mapping/base/hash.h"

enum { STATUS_OPEN = -1, KEY_BYTES = 16 };

static const char magic[8] = "tomboloJ";

struct row {
	uint64_t id; /* 0: empty */
	int64_t unix_ms;
	int64_t status; /* STATUS_OPEN, or how it was answered */
};

/* The file: written by this build for this machine, and begun anew when it does not fit. */
struct file {
	char magic[sizeof(magic)];
	uint8_t key[KEY_BYTES];
	uint32_t rows, row_bytes;
	uint64_t next;
	struct row ring[TEXT_JOURNAL_ROWS];
};

struct text_journal {
	const struct env *env;
	struct file *file;
	struct row *earlier; /* of the life before, by id; NULL: none, or too old */
	size_t earlier_count;
	uint64_t believed_until_ms;
};

static bool fits(const struct file *f)
{
	return memcmp(f->magic, magic, sizeof(magic)) == 0 && f->rows == TEXT_JOURNAL_ROWS &&
	       f->row_bytes == sizeof(struct row);
}

static void begin_anew(const struct env *env, struct file *f)
{
	memset(f, 0, sizeof(*f));
	env_random(env, f->key, KEY_BYTES);
	f->rows = TEXT_JOURNAL_ROWS;
	f->row_bytes = sizeof(struct row);
	memcpy(f->magic, magic, sizeof(magic));
}

/* -- The life before */

static int by_id(const void *a, const void *b)
{
	uint64_t x = ((const struct row *)a)->id, y = ((const struct row *)b)->id;

	return (x > y) - (x < y);
}

static void read_earlier(struct text_journal *j)
{
	int64_t oldest = env_unix_ms(j->env) - TEXT_JOURNAL_KEPT_MS;

	j->earlier = alloc_zero(sizeof(j->file->ring));
	for (size_t i = 0; i < TEXT_JOURNAL_ROWS; i++)
		if (j->file->ring[i].id && j->file->ring[i].unix_ms >= oldest)
			j->earlier[j->earlier_count++] = j->file->ring[i];
	qsort(j->earlier, j->earlier_count, sizeof(*j->earlier), by_id);
	j->believed_until_ms = env_now_ms(j->env) + TEXT_JOURNAL_KEPT_MS;
}

static void forget_earlier(struct text_journal *j)
{
	free(j->earlier);
	j->earlier = NULL;
	j->earlier_count = 0;
}

enum text_journal_word text_journal_recall(struct text_journal *j, uint64_t id, int *status)
{
	if (j->earlier && env_now_ms(j->env) > j->believed_until_ms)
		forget_earlier(j);
	if (!j->earlier_count)
		return TEXT_JOURNAL_UNKNOWN;
	const struct row *found =
		bsearch(&(struct row){ .id = id }, j->earlier, j->earlier_count, sizeof(*found), by_id);

	if (!found)
		return TEXT_JOURNAL_UNKNOWN;
	*status = (int)found->status;
	return found->status == STATUS_OPEN ? TEXT_JOURNAL_OPEN : TEXT_JOURNAL_ENDED;
}

/* -- The file */

static struct file *map(int fd, int flags)
{
	void *p = mmap(NULL, sizeof(struct file), PROT_READ | PROT_WRITE, flags, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Its blocks are reserved at once: a full disk is an error now and no signal later. */
static struct file *map_path(struct arena *turn, struct str path)
{
	int fd = open(arena_printf(turn, STR_FMT, STR_ARG(path)).p, O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
	struct file *f = NULL;

	if (fd < 0)
		return NULL;
	errno = posix_fallocate(fd, 0, sizeof(struct file));
	if (!errno)
		f = map(fd, MAP_SHARED);
	int number = errno;

	close(fd);
	errno = number;
	return f;
}

struct text_journal *text_journal_open(const struct env *env, struct str path, struct str *fault)
{
	struct text_journal *j = alloc_zero(sizeof(*j));

	*fault = STR_NONE;
	j->env = env;
	if (path.n) {
		j->file = map_path(env->turn, path);
		if (!j->file)
			*fault = arena_printf(env->turn, STR_FMT ": %s", STR_ARG(path), strerror(errno));
	}
	if (!j->file)
		j->file = map(-1, MAP_PRIVATE | MAP_ANONYMOUS);
	if (!j->file)
		alloc_failed(sizeof(struct file));
	if (!fits(j->file))
		begin_anew(env, j->file);
	read_earlier(j);
	return j;
}

void text_journal_close(struct text_journal *j)
{
	if (!j)
		return;
	munmap(j->file, sizeof(*j->file));
	forget_earlier(j);
	free(j);
}

uint64_t text_journal_id(const struct text_journal *j, struct str request_key)
{
	uint64_t id = hash_bytes_with(j->file->key, request_key.p, request_key.n);

	return id ? id : 1;
}

uint32_t text_journal_begin(struct text_journal *j, uint64_t id)
{
	uint32_t at = (uint32_t)(j->file->next++ % TEXT_JOURNAL_ROWS);
	struct row *row = &j->file->ring[at];

	*row = (struct row){ .id = id, .unix_ms = env_unix_ms(j->env), .status = STATUS_OPEN };
	return at;
}

void text_journal_end(struct text_journal *j, uint32_t at, uint64_t id, int status)
{
	struct row *row = &j->file->ring[at % TEXT_JOURNAL_ROWS];

	if (row->id != id)
		return; /* the ring has come round */
	if (status)
		row->status = status;
	else
		*row = (struct row){ .id = 0 };
}
