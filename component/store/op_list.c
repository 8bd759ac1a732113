/* SPDX-License-Identifier: MIT */
#include "component/store/op_list.h"

#include <stdlib.h>
#include <string.h>

#include "mapping/base/alloc.h"

void ops_init(struct ops *o)
{
	o->first = NULL;
	o->last = &o->first;
	o->count = 0;
}

void ops_add(struct ops *o, struct store_op *op)
{
	op->next = NULL;
	*o->last = op;
	o->last = &op->next;
	o->count++;
}

struct store_op *ops_take(struct ops *o)
{
	struct store_op *op = o->first;

	if (!op)
		return NULL;
	o->first = op->next;
	if (!o->first)
		o->last = &o->first;
	o->count--;
	return op;
}

void ops_append(struct ops *to, struct ops *from)
{
	if (!from->first)
		return;
	*to->last = from->first;
	to->last = from->last;
	to->count += from->count;
	ops_init(from);
}

void ops_free(struct ops *o)
{
	struct store_op *op;

	while ((op = ops_take(o)))
		free(op);
}

static struct str copy_behind(char **at, struct str s)
{
	char *p = *at;

	if (s.n)
		memcpy(p, s.p, s.n);
	*at += s.n;
	return (struct str){ p, s.n };
}

struct store_op *ops_copy_row(enum store_op_kind kind, const struct store_row *r)
{
	size_t n = r->user.node.n + r->user.domain.n + r->other.user.n + r->other.host.n + r->key.n + r->state.n +
		   r->dialog.n;
	struct store_op *op = alloc_zero(sizeof(*op) + n);
	char *at = (char *)(op + 1);

	op->kind = kind;
	op->row = (struct store_row){
		.kind = r->kind,
		.user = { .node = copy_behind(&at, r->user.node), .domain = copy_behind(&at, r->user.domain) },
		.other = { .user = copy_behind(&at, r->other.user), .host = copy_behind(&at, r->other.host) },
		.key = copy_behind(&at, r->key),
		.state = copy_behind(&at, r->state),
		.dialog = copy_behind(&at, r->dialog),
		.expires_unix_s = r->expires_unix_s,
	};
	return op;
}
