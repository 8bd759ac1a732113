/* SPDX-License-Identifier: MIT */
/* Stands for a record in somebody else's hands: a send's outcome, the store's `durable`. The record may end first; then the
 * late outcome finds nobody. One proxy for each record, allocated only while something is out. */
#ifndef TOMBOLO_PROXY_H
#define TOMBOLO_PROXY_H

struct proxy;

/* The argument to hand out with a callback that comes exactly once. *slot is the record's (NULL at first). */
struct proxy *proxy_lend(struct proxy **slot, void *owner);
/* In that callback: the record, or NULL if it has let go meanwhile. */
void *proxy_return(struct proxy *p);
/* The record wants to hear of none of the outcomes that are out. */
void proxy_abandon(struct proxy **slot);

#endif
