/* SPDX-License-Identifier: MIT */
#include "sipside/locate/hosts_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "mapping/base/alloc.h"
#include "mapping/base/hash.h"

struct entry {
	struct str host; /* lower case; owned */
	struct resolver_answer answer;
	UT_hash_handle hh;
};
struct hosts_file {
	const struct env *env;
	struct str path; /* owned */
	struct entry *entries;
	uint64_t look_ms; /* not looked at again before */
	struct timespec changed; /* of the version that was read */
	off_t size;
};

static void forget(struct hosts_file *f)
{
	struct entry *e, *next;

	HASH_ITER (hh, f->entries, e, next) {
		HASH_DELETE(hh, f->entries, e);
		alloc_str_free(&e->host);
		free(e);
	}
}

static struct entry *entry_of(struct hosts_file *f, struct str word)
{
	struct str host = resolver_lower(f->env->turn, word);
	struct entry *e;

	hash_find_str(f->entries, host, e);
	if (!e) {
		e = alloc_zero(sizeof(*e));
		e->host = alloc_str(host);
		hash_add_str(f->entries, host, e);
	}
	return e;
}

static struct str next_word(struct str *rest)
{
	size_t n = 0;

	*rest = str_trim(*rest);
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	struct str word = str_cut(*rest, 0, n);

	*rest = str_cut(*rest, n, rest->n);
	return word;
}

static void read_line(struct hosts_file *f, struct str line)
{
	union resolver_address address;
	struct str rest = str_next(&line, '#');

	if (!resolver_literal(next_word(&rest), &address))
		return;
	for (struct str word = next_word(&rest); word.n; word = next_word(&rest))
		resolver_add(&entry_of(f, word)->answer, &address);
}

static void read_file(struct hosts_file *f)
{
	int fd = open(f->path.p, O_RDONLY | O_CLOEXEC);
	struct buf text = { 0 };
	ssize_t n = 0;

	forget(f);
	if (fd < 0)
		return;
	do {
		text.n += (size_t)n;
		n = read(fd, buf_room(&text, 65536), 65536);
	} while (n > 0 && text.n < HOSTS_FILE_BYTES);
	close(fd);
	for (struct str rest = buf_str(&text); rest.n;)
		read_line(f, str_next(&rest, '\n'));
	buf_finish(&text);
}

static void look(struct hosts_file *f)
{
	uint64_t now = env_now_ms(f->env);
	struct stat s = { 0 };

	if (now < f->look_ms)
		return;
	f->look_ms = now + HOSTS_FILE_LOOK_MS;
	if (stat(f->path.p, &s) == 0 && s.st_size == f->size && s.st_mtim.tv_sec == f->changed.tv_sec &&
		s.st_mtim.tv_nsec == f->changed.tv_nsec)
		return;
	f->changed = s.st_mtim;
	f->size = s.st_size;
	read_file(f);
}

struct hosts_file *hosts_file_create(const struct env *env, const char *path)
{
	struct hosts_file *f = alloc_zero(sizeof(*f));

	f->env = env;
	f->path = alloc_str(str_c(path));
	return f;
}

void hosts_file_destroy(struct hosts_file *f)
{
	if (!f)
		return;
	forget(f);
	alloc_str_free(&f->path);
	free(f);
}

const struct resolver_answer *hosts_file_find(struct hosts_file *f, struct str host)
{
	struct entry *e;

	look(f);
	hash_find_str(f->entries, host, e);
	return e ? &e->answer : NULL;
}
