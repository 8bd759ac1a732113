/* SPDX-License-Identifier: MIT */
/* Lists of the store's operations, in call order; each operation is on one list and owned by it. */
#ifndef TOMBOLO_OP_LIST_H
#define TOMBOLO_OP_LIST_H

#include "component/store/store_backend.h"

struct ops {
	struct store_op *first, **last; /* last: where the next one is hung */
	unsigned count;
};

void ops_init(struct ops *o); /* in place: an empty list points into itself and cannot be copied */
void ops_add(struct ops *o, struct store_op *op);
struct store_op *ops_take(struct ops *o); /* the first, now the caller's; NULL: empty */
void ops_append(struct ops *to, struct ops *from); /* `from` is empty afterwards */
void ops_free(struct ops *o);
/* A PUT, RESTATE or DROP with a copy of the row; freed with free(). */
struct store_op *ops_copy_row(enum store_op_kind kind, const struct store_row *r);

#endif
