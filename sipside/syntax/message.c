/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/codec.h"
#include "sipside/syntax/header_values.h"

#include <string.h>

/* Headers that must be there, once (RFC 3261 8.1.1); without Max-Forwards, which RFC 2543 peers leave out. */
static const enum sipside_header mandatory[] = { HDR_FROM, HDR_TO, HDR_CALL_ID, HDR_CSEQ };

static struct str first_value(const struct sipside_msg *m, enum sipside_header id)
{
	return m->scan.counts[id] ? m->scan.lines[m->scan.first[id]].value : STR_NONE;
}

static bool mandatory_once(const struct sipside_msg *m)
{
	for (size_t i = 0; i < sizeof(mandatory) / sizeof(mandatory[0]); i++)
		if (m->scan.counts[mandatory[i]] != 1 || first_value(m, mandatory[i]).n == 0)
			return false;
	return m->scan.counts[HDR_VIA] > 0 && m->scan.counts[HDR_MAX_FORWARDS] <= 1;
}

/* CSeq: number LWS method; the number below 2^31 (RFC 3261 8.1.1.5). *method is what it names. */
static bool read_cseq(struct sipside_msg *m, struct str *method)
{
	struct str rest = first_value(m, HDR_CSEQ);
	size_t digits = 0;
	uint64_t v;

	while (digits < rest.n && rest.p[digits] >= '0' && rest.p[digits] <= '9')
		digits++;
	*method = str_trim(str_cut(rest, digits, rest.n));
	if (!str_number(str_cut(rest, 0, digits), INT32_MAX, &v) || method->n == 0 || digits + method->n >= rest.n)
		return false;
	m->cseq = (uint32_t)v;
	return true;
}

static bool read_max_forwards(struct sipside_msg *m)
{
	struct str value = first_value(m, HDR_MAX_FORWARDS);
	uint64_t v;

	if (!m->scan.counts[HDR_MAX_FORWARDS])
		return true;
	if (!str_number(value, INT32_MAX, &v))
		return false;
	m->max_forwards = v > 255 ? 255 : (int)v;
	return true;
}

static bool read_via(struct sipside_msg *m)
{
	struct str rest = first_value(m, HDR_VIA);
	struct str top = scan_next_value(&rest);

	m->via.raw = top;
	return codec_via(m, top, &m->via);
}

static bool read_parties(struct sipside_msg *m)
{
	bool from = codec_from(m, first_value(m, HDR_FROM), &m->from);
	bool to = codec_from(m, first_value(m, HDR_TO), &m->to);

	return from && to;
}

/* sip and sips must be good; what another scheme means is not our business (416 follows from the scheme). */
static bool read_request_uri(struct sipside_msg *m)
{
	struct str uri = m->scan.uri;
	size_t colon = str_find(uri, ':');
	struct str scheme = str_cut(uri, 0, colon);

	m->uri.raw = uri;
	if (colon == uri.n || scheme.n == 0 || scheme.p[0] == '<' || scheme.p[0] == '"')
		return false;
	if (!str_eq_nocase(scheme, STR("sip")) && !str_eq_nocase(scheme, STR("sips"))) {
		m->uri.scheme = scheme;
		return true;
	}
	return codec_uri(m, uri, &m->uri) && !m->uri.escaped_headers;
}

static bool read_body(struct sipside_msg *m)
{
	int64_t length = scan_content_length(&m->scan);

	m->body = m->scan.rest;
	if (length == -2 || length > (int64_t)m->body.n)
		return false;
	if (length >= 0)
		m->body.n = (size_t)length;
	if (m->body.p)
		m->bytes.n = (size_t)(m->body.p + m->body.n - m->bytes.p);
	return true;
}

static bool read_contact(struct sipside_msg *m)
{
	struct sipside_party contact;

	return !m->scan.counts[HDR_CONTACT] || sipside_msg_contact(m, &contact);
}

/* Everything an answer needs is read before anything is judged, so that a refusal carries as much as there is. */
static int judge_request(struct sipside_msg *m, const char **why)
{
	struct str method = STR_NONE;
	bool via = read_via(m), parties = read_parties(m), cseq = read_cseq(m, &method);
	const struct {
		bool bad;
		int status;
		const char *why;
	} faults[] = {
		{ m->scan.too_large && m->scan.uri.n > SCAN_MAX_LINE / 2, 414, "Request-URI too long" },
		{ m->scan.too_large, 513, "too many or too long header lines" },
		{ !str_eq_nocase(m->scan.version, STR("SIP/2.0")), 505, "unknown version" },
		{ !m->scan.start_line_ok, 400, "bad request line" },
		{ !m->scan.lines_ok, 400, "bad header line" },
		{ !mandatory_once(m), 400, "mandatory header missing or repeated" },
		{ !via, 400, "bad Via" },
		{ !parties, 400, "bad From or To" },
		{ !cseq, 400, "bad CSeq" },
		{ !str_eq(method, m->scan.method), 400, "CSeq names another method" },
	};

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (faults[i].bad) {
			*why = faults[i].why;
			return faults[i].status;
		}
	*why = "bad Request-URI";
	if (!read_request_uri(m))
		return 400;
	*why = "body too large";
	if (scan_content_length(&m->scan) > SCAN_MAX_BYTES)
		return 513;
	*why = "bad Content-Length";
	if (!read_body(m))
		return 400;
	*why = "bad Max-Forwards";
	if (!read_max_forwards(m))
		return 400;
	*why = "bad Contact";
	return read_contact(m) ? 0 : 400;
}

static bool good_response(struct sipside_msg *m)
{
	struct str method = STR_NONE;

	if (!m->scan.start_line_ok || m->scan.too_large || !str_eq_nocase(m->scan.version, STR("SIP/2.0")))
		return false;
	if (!mandatory_once(m) || !read_via(m) || !read_parties(m) || !read_cseq(m, &method) || !read_body(m))
		return false;
	m->method_word = method;
	m->method = name_method(method);
	return true;
}

int sipside_msg_parse(const struct env *env, struct str bytes, struct sipside_msg *m, const char **why)
{
	*m = (struct sipside_msg){ .env = env, .bytes = bytes, .max_forwards = -1 };
	*why = "not SIP";
	if (bytes.n > SCAN_MAX_BYTES)
		return -1;
	unsigned room = scan_room(bytes);
	struct scan_line *lines = arena_alloc(env->turn, sizeof(*lines) * room);

	if (!scan_message(bytes, lines, room, &m->scan))
		return -1;
	m->sofia = codec_create(env);
	m->is_request = m->scan.is_request;
	m->status = m->scan.status;
	m->phrase = m->scan.phrase;
	m->call_id = first_value(m, HDR_CALL_ID);
	if (!m->is_request) {
		*why = "bad response";
		return good_response(m) ? 0 : -1;
	}
	m->method_word = m->scan.method;
	m->method = name_method(m->method_word);
	*why = "no Via";
	return m->scan.counts[HDR_VIA] ? judge_request(m, why) : -1;
}

void sipside_msg_finish(struct sipside_msg *m)
{
	codec_finish(m->sofia);
	m->sofia = NULL;
}
