/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/codec.h"
#include "sipside/syntax/header_values.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sofia-sip/su_alloc.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/url.h>

enum { HOME_BYTES = 2 * 1024 }; /* enough for the headers of a MESSAGE; beyond it sofia calls malloc */

struct sofia {
	su_home_t home[SU_HOME_AUTO_SIZE(HOME_BYTES)];
};

struct sofia *codec_create(const struct env *env)
{
	struct sofia *s = arena_room(env->turn, sizeof(*s)); /* sofia clears of it what it has to */

	su_home_auto(s->home, sizeof(s->home));
	return s;
}

void codec_finish(struct sofia *s)
{
	if (s)
		su_home_deinit(s->home);
}

/* sofia copies its list of parameters again and again as it grows: 8 kB of `;a` cost 0.1 ms a header, and there may be
 * eight such headers. No header of good faith has as many as this. */
static char *parameters_text(const struct sipside_msg *m, struct str value)
{
	enum { MAX_PARAMETERS = 64 };
	unsigned count = 0;

	for (size_t i = 0; i < value.n; i++)
		count += value.p[i] == ';';
	return value.n && count <= MAX_PARAMETERS ? codec_text(m->env, value) : NULL;
}

static su_home_t *home(const struct sipside_msg *m)
{
	return m->sofia->home;
}

char *codec_text(const struct env *env, struct str value)
{
	char *text = arena_room(env->turn, value.n + 1);

	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		text[i] = c < 0x20 || c == 0x7f ? ' ' : value.p[i];
	}
	text[value.n] = '\0';
	return text;
}

static struct str lower(const struct env *env, const char *s)
{
	struct str copy = arena_str(env->turn, str_c(s));
	char *p = (char *)copy.p;

	for (size_t i = 0; i < copy.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] | 0x20);
	return copy;
}

static struct str unescape(const struct env *env, const char *s)
{
	if (!s)
		return STR_NONE;
	if (!strchr(s, '%'))
		return str_c(s);
	size_t n = strlen(s);
	char *out = arena_alloc(env->turn, n + 1);

	return (struct str){ out, url_unescape_to(out, s, n) };
}

static bool read_port(const char *text, uint16_t *port)
{
	uint64_t v = 0;

	if (text && *text && !str_number(str_c(text), UINT16_MAX, &v))
		return false;
	*port = (uint16_t)v;
	return true;
}

static struct str url_parameter(const struct env *env, const url_t *u, const char *name)
{
	char value[256];

	if (!u->url_params || !url_param(u->url_params, name, value, sizeof(value)))
		return STR_NONE;
	return arena_str(env->turn, str_c(value));
}

static bool take_url(const struct sipside_msg *m, const url_t *u, struct str raw, struct sipside_uri *out)
{
	const struct env *env = m->env;

	*out = (struct sipside_uri){ .raw = raw };
	if (u->url_type == url_any)
		return true;
	if (!u->url_scheme)
		return false;
	out->scheme = lower(env, u->url_scheme);
	if (u->url_type != url_sip && u->url_type != url_sips)
		return true;
	if (!u->url_host || !*u->url_host || !read_port(u->url_port, &out->port))
		return false;
	out->as.user = unescape(env, u->url_user);
	out->as.host = lower(env, u->url_host);
	out->escaped_headers = u->url_headers != NULL;
	if (u->url_params) {
		struct str gruu = url_parameter(env, u, "gr=");

		out->as.gruu = gruu.n ? unescape(env, gruu.p) : STR_NONE;
		out->transport = url_parameter(env, u, "transport=");
		out->maddr = url_parameter(env, u, "maddr=");
		out->lr = url_has_param(u, "lr") != 0;
	}
	return true;
}

bool codec_uri(const struct sipside_msg *m, struct str value, struct sipside_uri *out)
{
	url_t u[1];

	if (value.n == 0 || url_d(u, codec_text(m->env, value)) < 0)
		return false;
	return take_url(m, u, value, out);
}

/* The addr-spec of a name-addr or addr-spec value as it came. *bracketed: it stood in angle brackets. */
static struct str raw_uri(struct str value, bool *bracketed)
{
	bool quoted = false;

	for (size_t i = 0; i < value.n; i++) {
		if (quoted && value.p[i] == '\\')
			i++;
		else if (value.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && value.p[i] == '<') {
			struct str rest = str_cut(value, i + 1, value.n);

			*bracketed = true;
			return str_trim(str_cut(rest, 0, str_find(rest, '>')));
		}
	}
	*bracketed = false;
	return str_trim(str_cut(value, 0, str_find(value, ';')));
}

static struct str unquote(const struct env *env, const char *display)
{
	struct str s = str_trim(str_c(display));

	if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"')
		return s;
	char *out = arena_alloc(env->turn, s.n);
	size_t n = 0;

	for (size_t i = 1; i + 1 < s.n; i++) {
		if (s.p[i] == '\\' && i + 2 < s.n)
			i++;
		out[n++] = s.p[i];
	}
	return (struct str){ out, n };
}

/* RFC 3261 20.10: a URI that holds a comma, question mark or semicolon stands in angle brackets. */
static bool take_party(const struct sipside_msg *m, const url_t *u, const char *display, struct sipside_party *out)
{
	bool bracketed;
	struct str raw = raw_uri(out->raw, &bracketed);

	out->display = unquote(m->env, display);
	return take_url(m, u, raw, &out->uri) && (bracketed || !out->uri.escaped_headers);
}

bool codec_from(const struct sipside_msg *m, struct str value, struct sipside_party *out)
{
	*out = (struct sipside_party){ .raw = value, .expires_s = -1 };
	char *text = parameters_text(m, value);
	sip_from_t *from = text ? sip_from_make(home(m), text) : NULL;

	if (!from)
		return false;
	out->tag = str_c(from->a_tag);
	return take_party(m, from->a_url, from->a_display, out);
}

bool codec_contact(const struct sipside_msg *m, struct str value, struct sipside_party *out)
{
	uint64_t v;

	*out = (struct sipside_party){ .raw = value, .expires_s = -1 };
	char *text = parameters_text(m, value);
	sip_contact_t *contact = text ? sip_contact_make(home(m), text) : NULL;

	if (!contact || contact->m_next)
		return false;
	if (contact->m_expires && str_number(str_c(contact->m_expires), INT_MAX, &v))
		out->expires_s = (int)v;
	return take_party(m, contact->m_url, contact->m_display, out);
}

bool codec_via(const struct sipside_msg *m, struct str value, struct sipside_via *out)
{
	*out = (struct sipside_via){ .raw = value };
	char *text = parameters_text(m, value);
	sip_via_t *via = text ? sip_via_make(home(m), text) : NULL;

	if (!via || via->v_next || !via->v_host || !via->v_protocol || !read_port(via->v_port, &out->port))
		return false;
	const char *slash = strrchr(via->v_protocol, '/');

	out->transport = str_c(slash ? slash + 1 : via->v_protocol);
	out->host = str_c(via->v_host);
	out->branch = str_c(via->v_branch);
	out->rport = via->v_rport != NULL;
	out->alias = msg_header_find_param(via->v_common, "alias") != NULL;
	return true;
}

bool codec_event(const struct sipside_msg *m, struct str value, struct sipside_event *out)
{
	char *text = parameters_text(m, value);
	sip_event_t *o = text ? sip_event_make(home(m), text) : NULL;

	if (!o || !o->o_type)
		return false;
	*out = (struct sipside_event){ .package = str_c(o->o_type), .id = str_c(o->o_id) };
	return true;
}

static const struct {
	struct str word;
	enum s_substate state;
} states[] = {
	{ STR_INIT("active"), S_SUB_ACTIVE },
	{ STR_INIT("pending"), S_SUB_PENDING },
	{ STR_INIT("terminated"), S_SUB_TERMINATED },
};

static const struct {
	struct str word;
	enum s_subreason reason;
} reasons[] = {
	{ STR_INIT("deactivated"), S_WHY_DEACTIVATED },
	{ STR_INIT("probation"), S_WHY_PROBATION },
	{ STR_INIT("rejected"), S_WHY_REJECTED },
	{ STR_INIT("timeout"), S_WHY_TIMEOUT },
	{ STR_INIT("giveup"), S_WHY_GIVEUP },
	{ STR_INIT("noresource"), S_WHY_NORESOURCE },
	{ STR_INIT("invariant"), S_WHY_INVARIANT },
};

static enum s_subreason read_reason(const char *word)
{
	if (!word)
		return S_WHY_NONE;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (str_eq_nocase(str_c(word), reasons[i].word))
			return reasons[i].reason;
	return S_WHY_OTHER;
}

bool codec_substate(const struct sipside_msg *m, struct str value, struct sipside_substate *out)
{
	char *text = parameters_text(m, value);
	sip_subscription_state_t *ss = text ? sip_subscription_state_make(home(m), text) : NULL;
	uint64_t v;

	*out = (struct sipside_substate){ .expires_s = -1 };
	if (!ss || !ss->ss_substate)
		return false;
	out->reason = read_reason(ss->ss_reason);
	if (str_number(str_c(ss->ss_expires), INT_MAX, &v))
		out->expires_s = (int)v;
	if (str_number(str_c(ss->ss_retry_after), INT_MAX, &v))
		out->retry_after_s = (unsigned)v;
	/* RFC 6665 4.1.3: an unknown state is treated as active without knowledge of its meaning. */
	out->state = S_SUB_ACTIVE;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (str_eq_nocase(str_c(ss->ss_substate), states[i].word))
			out->state = states[i].state;
	return true;
}

bool codec_date(const struct sipside_msg *m, struct str value, int64_t *unix_ms)
{
	static const int64_t seconds_1900_to_1970 = 2208988800;
	sip_date_t *d = value.n ? sip_date_make(home(m), codec_text(m->env, value)) : NULL;

	if (!d || (int64_t)d->d_time < seconds_1900_to_1970)
		return false;
	*unix_ms = ((int64_t)d->d_time - seconds_1900_to_1970) * 1000;
	return true;
}
