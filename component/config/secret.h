/* SPDX-License-Identifier: MIT */
/* A secret as a configuration names it: file:PATH, env:NAME, or the secret itself. */
#ifndef TOMBOLO_SECRET_H
#define TOMBOLO_SECRET_H

#include "mapping/base/arena.h"
#include "mapping/base/str.h"

enum { SECRET_MAX = 1024 }; /* bytes */
enum secret_source { SECRET_BAD, SECRET_FILE, SECRET_ENV, SECRET_LITERAL };

/* Reads it; white space at the end of a file is no part of it. *words says in words what is wrong (SECRET_BAD), or what
 * is unwise (readable for everybody, in the configuration itself); else empty. Never holds the secret. Blocking. */
enum secret_source secret_read(struct arena *a, struct str spec, struct str *secret, struct str *words);

#endif
