/* SPDX-License-Identifier: MIT */
/* One TLS connection as a pair of pipes: cipher bytes of the socket on one side, plain bytes on the other. Knows no socket
 * and no timer. Both sides always prove who they are; every failure has its words. */
#ifndef TOMBOLO_TLS_STREAM_H
#define TOMBOLO_TLS_STREAM_H

#include "sipside/transport/tls_context.h"

/* HANDSHAKE --> SECURED --> ENDED (the peer said so)
 *      `------------'-----> FAILED */
enum tls_state { TLS_HANDSHAKE, TLS_SECURED, TLS_ENDED, TLS_FAILED };

struct tls_stream;
/* name: whom we dialled, to ask for (SNI) and to check; copied. Empty: we accept, and whoever an authority of ours vouches
 * for may prove a name. Never NULL. */
struct tls_stream *tls_stream_create(const struct env *env, const struct tls_context *c, struct str name);
void tls_stream_destroy(struct tls_stream *t); /* NULL is allowed */

void tls_stream_start(struct tls_stream *t); /* the client's first bytes */
enum tls_state tls_stream_feed(struct tls_stream *t, struct str cipher); /* what the socket gave */
/* Decrypts into `to`; 0: nothing more for now, the state may have changed. */
size_t tls_stream_read(struct tls_stream *t, char *to, size_t room);
/* Encrypts; only while SECURED. */
enum tls_state tls_stream_write(struct tls_stream *t, struct str plain);
/* Moves what is to be sent to the end of out: also handshake bytes, alerts, and answers of TLS's own. */
void tls_stream_take(struct tls_stream *t, struct buf *out);
void tls_stream_close(struct tls_stream *t); /* tells the peer that no more will come */

enum tls_state tls_stream_state(const struct tls_stream *t);
struct str tls_stream_words(const struct tls_stream *t); /* FAILED: why; lives as long as t */
/* The socket ended: what that means while the handshake ran, in the turn's arena. */
struct str tls_stream_cut_words(const struct tls_stream *t, struct str how);
/* FAILED after SECURED because the peer did not accept our certificate before it took any byte. TLS 1.3 lets a client
 * write before the server has looked at its certificate; what was written then was provably never read. */
bool tls_stream_refused(const struct tls_stream *t);
bool tls_stream_half(const struct tls_stream *t); /* a record has begun and is not whole */
bool tls_stream_spoken(const struct tls_stream *t); /* did the peer send any byte of TLS */
const struct tls_identity *tls_stream_identity(const struct tls_stream *t); /* what the peer proved; SECURED */
const char *tls_stream_version(const struct tls_stream *t); /* "TLSv1.3" */

#endif
