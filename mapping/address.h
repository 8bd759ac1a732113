/* SPDX-License-Identifier: MIT */
/* JIDs, SIP URIs and the way between them (RFC 7247 section 6, XEP-0106, RFC 7622, RFC 3261 19.1). */
#ifndef TOMBOLO_ADDRESS_H
#define TOMBOLO_ADDRESS_H

#include "mapping/base/arena.h"
#include "mapping/values.h"

/* All results live in `a`. Failure is REASON_BAD_ADDRESS and leaves *out alone. */

/* Splits and prepares "node@domain/resource" (RFC 6122 nodeprep, nameprep, resourceprep as both servers do; parts of at
 * most 1,023 bytes). */
enum reason map_jid_parse(struct arena *a, struct str text, struct x_jid *out);
struct str map_jid_print(struct arena *a, const struct x_jid *jid);
struct x_jid map_jid_bare(const struct x_jid *jid); /* borrows jid's strings */
bool map_jid_equal(const struct x_jid *a, const struct x_jid *b);
bool map_jid_equal_bare(const struct x_jid *a, const struct x_jid *b);

/* Reads sip:, sips:, pres:, im: and a bare user@host, any case of scheme, parameters after the host dropped but `gr`;
 * a password is dropped; the user is percent-decoded and must be UTF-8 without NUL. No user is allowed: "sip:host". */
enum reason map_uri_parse(struct arena *a, struct str text, struct s_uri *out);
/* "sip:user@host[;gr=...]", percent-encoded as RFC 7247 6.5 and RFC 3261 25.1 want it. */
struct str map_uri_print(struct arena *a, const struct s_uri *uri);
/* The same for every spelling of one user: user case-folded, no gruu (RFC 3261 19.1.4). For table keys only. */
struct str map_uri_key(struct arena *a, const struct s_uri *uri);

/* The SIP user as a JID in `domain` (prepared): RFC 7247 6.4 in three steps; gruu becomes the resource. No user: the
 * domain itself. An address with a leading or trailing space has no JID (XEP-0106 3.2). */
enum reason map_address_s2x(struct arena *a, const struct s_uri *uri, struct str domain, struct x_jid *out);
/* The JID as a SIP user at `host`: RFC 7247 6.5; the resource becomes the gruu where with_gruu. A node with \5c where no
 * escaping was needed ("a\5cb") is refused: its URI would be that of another user ("a\b"). */
enum reason map_address_x2s(
	struct arena *a, const struct x_jid *jid, struct str host, bool with_gruu, struct s_uri *out);

/* A domain between the languages: XMPP writes U-labels, SIP hosts are ASCII and write A-labels (RFC 5890). The host of a
 * struct s_uri made here is always ASCII, so a U-label `host` given to map_address_x2s may be one. */
enum reason map_domain_s2x(struct arena *a, struct str host, struct str *out);
enum reason map_domain_x2s(struct arena *a, struct str domain, struct str *out);

#endif
