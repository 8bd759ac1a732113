/* SPDX-License-Identifier: MIT */
#include "component/operate/running.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* "" where there is nothing to lock. */
static struct buf lock_path(struct str storage_url)
{
	struct str path = str_starts(storage_url, STR("sqlite:")) ? str_cut(storage_url, 7, storage_url.n) : STR_NONE;
	struct buf b = { .n = 0 };

	if (path.n && path.p[0] != ':')
		buf_printf(&b, STR_FMT ".lock", STR_ARG(path));
	buf_addc(&b, '\0');
	return b;
}

static struct flock whole_file(void)
{
	return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
}

pid_t running_pid(struct str storage_url)
{
	struct buf path = lock_path(storage_url);
	struct flock lock = whole_file();
	int fd = path.p[0] ? open(path.p, O_RDWR | O_CLOEXEC) : -1;
	pid_t holder = 0;

	if (fd >= 0) {
		if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
			holder = lock.l_pid;
		close(fd);
	}
	buf_finish(&path);
	return holder;
}

bool running_lock(struct str storage_url, pid_t *holder, int *error)
{
	struct buf path = lock_path(storage_url);
	struct flock lock = whole_file();
	int fd = -1;

	*holder = 0;
	*error = 0;
	if (path.p[0]) {
		fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0 || fcntl(fd, F_SETLK, &lock) != 0) {
			*error = errno;
			if (fd >= 0)
				close(fd);
			*holder = running_pid(storage_url);
		}
	}
	buf_finish(&path);
	return !*error; /* fd stays open: the lock ends with the process */
}
