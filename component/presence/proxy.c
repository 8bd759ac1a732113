/* SPDX-License-Identifier: MIT */
#include "component/presence/proxy.h"
#include "mapping/base/alloc.h"

#include <stdlib.h>

struct proxy {
	void *owner; /* NULL: abandoned */
	struct proxy **slot;
	unsigned out;
};

struct proxy *proxy_lend(struct proxy **slot, void *owner)
{
	if (!*slot) {
		*slot = alloc_zero(sizeof(**slot));
		(*slot)->owner = owner;
		(*slot)->slot = slot;
	}
	(*slot)->out++;
	return *slot;
}

void *proxy_return(struct proxy *p)
{
	void *owner = p->owner;

	if (--p->out == 0) {
		if (owner)
			*p->slot = NULL;
		free(p);
	}
	return owner;
}

void proxy_abandon(struct proxy **slot)
{
	if (*slot)
		(*slot)->owner = NULL;
	*slot = NULL;
}
