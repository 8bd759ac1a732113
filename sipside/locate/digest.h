/* SPDX-License-Identifier: MIT */
/* Digest authentication as a client (RFC 3261 22, RFC 7616, RFC 8760): MD5 and SHA-256, qop "auth" or none. Pure. */
#ifndef TOMBOLO_DIGEST_H
#define TOMBOLO_DIGEST_H

#include "mapping/base/arena.h"

enum digest_algorithm { DIGEST_MD5, DIGEST_SHA256 };
struct digest_challenge {
	struct str realm, nonce, opaque; /* as they stand in the quotes, escapes included */
	enum digest_algorithm algorithm;
	bool auth; /* qop offers it; without qop the answer is RFC 2069's */
	bool stale; /* only the nonce was wrong */
};
struct digest_request {
	struct str method, uri, user, password;
	struct str cnonce; /* hex digits */
};

/* The value of one WWW-Authenticate or Proxy-Authenticate header. false: not Digest, or nothing we can answer. Borrows. */
bool digest_read(struct str value, struct digest_challenge *out);
/* The value of the Authorization or Proxy-Authorization header, in the arena. */
struct str digest_answer(struct arena *a, const struct digest_challenge *c, const struct digest_request *r);

#endif
