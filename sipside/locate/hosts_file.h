/* SPDX-License-Identifier: MIT */
/* /etc/hosts, kept in memory: looked at no more than every few seconds and read only when it has changed, so that no
 * look-up waits for a file. */
#ifndef TOMBOLO_HOSTS_FILE_H
#define TOMBOLO_HOSTS_FILE_H

#include "sipside/locate/resolver.h"

enum { HOSTS_FILE_BYTES = 1 << 20, HOSTS_FILE_LOOK_MS = 5000 };

struct hosts_file;
struct hosts_file *hosts_file_create(const struct env *env, const char *path);
void hosts_file_destroy(struct hosts_file *f); /* NULL is allowed */
/* host in lower case. NULL: the file does not name it. Borrowed until the next call. */
const struct resolver_answer *hosts_file_find(struct hosts_file *f, struct str host);

#endif
