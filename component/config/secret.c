/* SPDX-License-Identifier: MIT */
#include "component/config/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* At most n bytes; -1 with errno. Non-blocking, so that a FIFO by mistake cannot hang us. */
static ssize_t read_file(const char *path, char *out, size_t n, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t got;
	int error;

	if (fd < 0)
		return -1;
	got = fstat(fd, st) ? -1 : read(fd, out, n);
	error = errno;
	close(fd);
	errno = error;
	return got;
}

static enum secret_source from_file(struct arena *a, const char *path, struct str *secret, struct str *words)
{
	char bytes[SECRET_MAX + 2];
	struct stat st;
	ssize_t n = read_file(path, bytes, sizeof(bytes), &st);

	if (n < 0) {
		*words = arena_printf(a, "%s: %s", path, strerror(errno));
		return SECRET_BAD;
	}
	while (n && strchr(" \t\r\n", bytes[n - 1]) && bytes[n - 1])
		n--;
	*secret = arena_str(a, (struct str){ bytes, (size_t)n });
	explicit_bzero(bytes, sizeof(bytes));
	if (st.st_mode & S_IROTH)
		*words = arena_printf(a, "%s can be read by every user of this machine: chmod o-r %s", path, path);
	return SECRET_FILE;
}

static enum secret_source from_env(struct arena *a, const char *name, struct str *secret, struct str *words)
{
	const char *value = getenv(name);

	if (!value) {
		*words = arena_printf(a, "the environment has no %s", name);
		return SECRET_BAD;
	}
	*secret = arena_str(a, str_c(value));
	return SECRET_ENV;
}

enum secret_source secret_read(struct arena *a, struct str spec, struct str *secret, struct str *words)
{
	enum secret_source source = SECRET_LITERAL;

	*secret = *words = STR_NONE;
	if (str_starts(spec, STR("file:"))) {
		source = from_file(a, arena_str(a, str_cut(spec, 5, spec.n)).p, secret, words);
	} else if (str_starts(spec, STR("env:"))) {
		source = from_env(a, arena_str(a, str_cut(spec, 4, spec.n)).p, secret, words);
	} else {
		*secret = arena_str(a, spec);
		*words = STR("the secret stands in the configuration itself: better secret = file:PATH");
	}
	if (source == SECRET_BAD)
		return source;
	if (!secret->n || secret->n > SECRET_MAX || memchr(secret->p, '\0', secret->n)) {
		*words = secret->n > SECRET_MAX ? STR("a secret has at most 1024 bytes")
						: STR("the secret is empty or no text");
		return SECRET_BAD;
	}
	return source;
}
