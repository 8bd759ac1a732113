/* SPDX-License-Identifier: MIT */
#include "sipside/transaction/matching.h"
#include "mapping/base/hash.h"

#include <string.h>

/* Hashes the parts with their lengths, so that no two different lists look the same. */
static uint64_t hash_parts(const struct env *env, const struct str *parts, unsigned count, uint32_t number)
{
	size_t n = sizeof(number);

	for (unsigned i = 0; i < count; i++)
		n += sizeof(size_t) + parts[i].n;
	char *bytes = arena_alloc(env->turn, n), *p = bytes;

	memcpy(p, &number, sizeof(number));
	p += sizeof(number);
	for (unsigned i = 0; i < count; i++) {
		memcpy(p, &parts[i].n, sizeof(size_t));
		p += sizeof(size_t);
		if (parts[i].n)
			memcpy(p, parts[i].p, parts[i].n);
		p += parts[i].n;
	}
	return hash_bytes(bytes, n);
}

static bool has_cookie(struct str branch)
{
	return branch.n > sizeof(MATCHING_COOKIE) - 1 && str_starts_nocase(branch, STR(MATCHING_COOKIE));
}

uint64_t matching_server_key(const struct sipside_msg *m, enum s_method method)
{
	/* Methods we do not know are told apart by their word. */
	struct str word = method == S_METHOD_UNKNOWN ? m->method_word : name_of_method(method);

	if (has_cookie(m->via.branch)) {
		const struct str parts[] = { m->via.branch, m->via.host, word };

		return hash_parts(m->env, parts, 3, m->via.port);
	}
	const struct str parts[] = { m->uri.raw, m->call_id, m->from.tag, m->via.raw, word };

	return hash_parts(m->env, parts, 5, m->cseq);
}

uint64_t matching_client_key(struct str branch, enum s_method method)
{
	return hash_str(branch) ^ (uint64_t)method;
}

struct str matching_own_branch(struct str request)
{
	static const char mark[] = ";branch=" MATCHING_COOKIE;
	const char *at = request.n ? memmem(request.p, request.n, mark, sizeof(mark) - 1) : NULL;

	if (!at)
		return STR_NONE;
	size_t start = (size_t)(at - request.p) + sizeof(";branch=") - 1;
	struct str branch = str_cut(request, start, request.n);

	for (size_t i = 0; i < branch.n; i++)
		if (branch.p[i] == ';' || branch.p[i] == '\r')
			return str_cut(branch, 0, i);
	return STR_NONE; /* cut off in its middle */
}
