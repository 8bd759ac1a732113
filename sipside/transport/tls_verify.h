/* SPDX-License-Identifier: MIT */
/* Is a peer who it should be: OpenSSL's checks of the chain, and on top what SIP wants (RFC 5922, RFC 5924). */
#ifndef TOMBOLO_TLS_VERIFY_H
#define TOMBOLO_TLS_VERIFY_H

#include "mapping/base/env.h"

struct x509_store_ctx_st;

/* The application data (SSL_set_app_data) of every connection. */
struct tls_verdict {
	const struct env *env;
	struct str name; /* whom we dialled; empty: anybody an authority of ours vouches for */
	struct str words; /* the first fault that was found; owned by who owns the connection; empty: none yet */
};

/* For SSL_CTX_set_verify(3): asked about each certificate of the chain, the peer's own last. */
int tls_verify(int ok, struct x509_store_ctx_st *chain);

#endif
