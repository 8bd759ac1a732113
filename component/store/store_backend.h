/* SPDX-License-Identifier: MIT */
/* What store.c needs of a database. `open` and `load` are called before the loop turns, the rest on the writer thread. */
#ifndef TOMBOLO_STORE_BACKEND_H
#define TOMBOLO_STORE_BACKEND_H

#include "component/store/store.h"

enum store_op_kind { STORE_PUT, STORE_RESTATE, STORE_DROP, STORE_AFTER };

/* One call, copied; the row's strings lie behind it in the same allocation. */
struct store_op {
	struct store_op *next;
	enum store_op_kind kind;
	struct store_row row; /* PUT, RESTATE (name and state), DROP (name) */
	void (*durable)(void *arg, enum reason why); /* AFTER */
	void *arg;
	enum reason why; /* AFTER: the outcome */
};

struct store_backend {
	struct str scheme; /* "sqlite:" */
	void *(*open)(struct str rest_of_url, struct buf *error); /* NULL with words */
	bool (*load)(void *db, void (*row)(void *arg, const struct store_row *), void *arg, struct buf *error);
	int64_t (*starts)(void *db); /* after open: how often it was opened, this time included */
	/* All PUTs, RESTATEs and DROPs of the list in one transaction, in order; false: none of them, with words. */
	bool (*apply)(void *db, const struct store_op *ops, struct buf *error);
	void (*close)(void *db);
};
extern const struct store_backend store_sqlite;

#endif
