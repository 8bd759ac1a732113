/* SPDX-License-Identifier: MIT */
/* What went wrong in a TLS handshake, as sentences for those who have to repair it. In the turn's arena. */
#ifndef TOMBOLO_TLS_WORDS_H
#define TOMBOLO_TLS_WORDS_H

#include "mapping/base/env.h"

struct x509_st;
struct x509_store_ctx_st;

/* Why this certificate of the peer's chain is not accepted. expected: the name we dialled; empty: none. */
struct str tls_words_certificate(const struct env *env, struct x509_store_ctx_st *chain, struct str expected);
/* Why OpenSSL gave up, from its error queue, which is emptied. *about_us: the peer refused our certificate. */
struct str tls_words_failure(const struct env *env, bool *about_us);

#endif
