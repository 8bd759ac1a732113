/* SPDX-License-Identifier: MIT */
#include "sipside/locate/challenge.h"

#include <string.h>
#include "mapping/base/alloc.h"
#include "sipside/locate/digest.h"

/* The first one we can answer: servers put what they like best first (RFC 8760 2.4). */
static bool find(const struct sipside_msg *m, struct digest_challenge *out)
{
	struct str name = m->status == 407 ? STR("Proxy-Authenticate") : STR("WWW-Authenticate");

	for (unsigned i = 0; i < m->scan.count; i++)
		if (str_eq_nocase(m->scan.lines[i].name, name) && digest_read(m->scan.lines[i].value, out))
			return true;
	return false;
}

bool challenge_take(
	struct challenge *c, const struct route *r, const struct sipside_outgoing *request, const struct sipside_msg *m)
{
	struct digest_challenge asked;
	struct str name = m->status == 407 ? STR("Proxy-Authorization") : STR("Authorization");

	if ((m->status != 401 && m->status != 407) || !r || !r->user.n || c->count >= CHALLENGES_MAX ||
		!find(m, &asked))
		return false;
	struct str *line = m->status == 407 ? &c->proxy_line : &c->line;

	if (line->n && !asked.stale)
		return false;
	const struct env *env = m->env;
	const struct digest_request mine = { .method = name_of_method(request->method),
		.uri = request->uri,
		.user = r->user,
		.password = r->password,
		.cnonce = env_token(env, 8) };

	alloc_str_set(line, arena_printf(env->turn, STR_FMT ": " STR_FMT "\r\n", STR_ARG(name),
				    STR_ARG(digest_answer(env->turn, &asked, &mine))));
	c->count++;
	return true;
}

/* Where the number behind "CSeq: " stands. */
static struct str cseq_in(struct str headers)
{
	static const char name[] = "\r\nCSeq: ";
	const char *at = memmem(headers.p, headers.n, name, sizeof(name) - 1);
	size_t from = at ? (size_t)(at - headers.p) + sizeof(name) - 1 : headers.n, to = from;

	while (to < headers.n && headers.p[to] != ' ')
		to++;
	return str_cut(headers, from, to);
}

uint32_t challenge_cseq(struct str headers)
{
	uint64_t n = 0;

	str_number(cseq_in(headers), INT32_MAX, &n);
	return (uint32_t)n;
}

struct str challenge_headers(const struct challenge *c, struct arena *turn, struct str headers)
{
	struct str number = cseq_in(headers);

	if (!c->cseq)
		return headers;
	size_t at = (size_t)(number.p - headers.p);

	return arena_printf(turn, STR_FMT "%u" STR_FMT STR_FMT STR_FMT, STR_ARG(str_cut(headers, 0, at)), c->cseq,
		STR_ARG(str_cut(headers, at + number.n, headers.n)), STR_ARG(c->line), STR_ARG(c->proxy_line));
}

void challenge_finish(struct challenge *c)
{
	alloc_str_free(&c->line);
	alloc_str_free(&c->proxy_line);
}
