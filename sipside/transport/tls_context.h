/* SPDX-License-Identifier: MIT */
/* Our certificate, whom we trust, and the versions we speak: what new TLS connections are made from. Connections keep what
 * they were made with, so a new context (renewed certificates) does not touch them. */
#ifndef TOMBOLO_TLS_CONTEXT_H
#define TOMBOLO_TLS_CONTEXT_H

#include "mapping/base/env.h"
#include "sipside/sipside.h"
#include "sipside/transport/tls_identity.h"

struct ssl_st;

struct tls_context;
/* Reads the files. NULL: *error names the setting, the file and the fault (turn's arena). */
struct tls_context *tls_context_create(const struct env *env, const struct sipside_tls *settings, struct str *error);
void tls_context_destroy(struct tls_context *c); /* NULL is allowed */
/* A connection of either role; owned by the caller, never NULL. Its application data has to be a struct tls_verdict. */
struct ssl_st *tls_context_connection(const struct tls_context *c, bool accepting);
const struct tls_identity *tls_context_own(const struct tls_context *c); /* what our own certificate proves */

#endif
