/* SPDX-License-Identifier: MIT */
/* Joins the rooms: creates both sides, fills the handler tables, loads the store. No value passes through it. */
#ifndef TOMBOLO_BRIDGE_H
#define TOMBOLO_BRIDGE_H

#include "component/config/config.h"
#include "component/store/store.h"
#include "mapping/base/env.h"

struct bridge;

/* env, config and store are the caller's and outlive the bridge. NULL with *error in words (turn's arena). */
struct bridge *bridge_create(
	const struct env *env, const struct config *config, struct store *store, struct str *error);
/* Restores what the store holds, opens the SIP ports, starts the component links. Emits EVENT_READY once the first link is
 * up. REASON_INTERNAL with *error where a port cannot be opened or the store not be read. */
enum reason bridge_start(struct bridge *b, struct str *error);
/* Reads the certificates of the configuration anew. REASON_TLS with *error: the old ones stay. */
enum reason bridge_renew(struct bridge *b, struct str *error);
/* No new requests are let in; true once nothing is in flight (or call it again later). State stays in the store. */
bool bridge_drain(struct bridge *b);
void bridge_destroy(struct bridge *b); /* NULL is allowed */

#endif
