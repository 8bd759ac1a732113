/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/header_values.h"
#include "sipside/syntax/codec.h"
#include "mapping/base/hash.h"

#include <limits.h>
#include <string.h>

static struct str unfolded(const struct sipside_msg *m, struct str value)
{
	if (!value.n || !memchr(value.p, '\n', value.n))
		return value;
	return (struct str){ codec_text(m->env, value), value.n };
}

struct str sipside_msg_text(const struct sipside_msg *m, enum sipside_header id)
{
	return m->scan.counts[id] ? unfolded(m, m->scan.lines[m->scan.first[id]].value) : STR_NONE;
}

struct str sipside_msg_named(const struct sipside_msg *m, struct str name)
{
	for (unsigned i = 0; i < m->scan.count; i++)
		if (str_eq_nocase(m->scan.lines[i].name, name))
			return unfolded(m, m->scan.lines[i].value);
	return STR_NONE;
}

bool sipside_msg_each(const struct sipside_msg *m, enum sipside_header id, struct sipside_walk *at, struct str *value)
{
	if (!m->scan.counts[id])
		return false;
	if (at->line < m->scan.first[id])
		at->line = m->scan.first[id];
	for (;;) {
		while (at->rest.n) {
			if (at->steps++ == WALK_MAX_STEPS)
				return false;
			*value = scan_next_value(&at->rest);
			if (value->n)
				return true;
		}
		while (at->line < m->scan.count && m->scan.lines[at->line].id != id)
			at->line++;
		if (at->line == m->scan.count)
			return false;
		at->rest = m->scan.lines[at->line++].value;
	}
}

bool sipside_msg_has(const struct sipside_msg *m, enum sipside_header id, struct str token)
{
	struct sipside_walk at = { 0 };
	struct str value;

	while (sipside_msg_each(m, id, &at, &value))
		if (str_eq_nocase(str_trim(str_cut(value, 0, str_find(value, ';'))), token))
			return true;
	return false;
}

bool sipside_msg_party(const struct sipside_msg *m, struct str value, struct sipside_party *out)
{
	return codec_contact(m, value, out);
}

bool sipside_msg_uri(const struct sipside_msg *m, struct str value, struct sipside_uri *out)
{
	return codec_uri(m, value, out);
}

bool sipside_msg_contact(const struct sipside_msg *m, struct sipside_party *out)
{
	struct sipside_walk at = { 0 };
	struct str value;

	return sipside_msg_each(m, HDR_CONTACT, &at, &value) && codec_contact(m, value, out);
}

unsigned sipside_msg_routes(const struct sipside_msg *m, enum sipside_header id, struct str **values)
{
	struct sipside_walk at = { 0 };
	struct str value;
	unsigned count = 0;

	*values = NULL;
	while (sipside_msg_each(m, id, &at, &value))
		count++;
	if (!count)
		return 0;
	*values = arena_alloc(m->env->turn, count * sizeof(**values));
	at = (struct sipside_walk){ 0 };
	for (unsigned i = 0; i < count; i++)
		sipside_msg_each(m, id, &at, &(*values)[i]);
	return count;
}

/* Seconds with perhaps a comment or parameters behind; numbers that fit no int count as INT_MAX. */
static int seconds(const struct sipside_msg *m, enum sipside_header id)
{
	struct str text = sipside_msg_text(m, id);
	size_t digits = 0;
	uint64_t v;

	while (digits < text.n && text.p[digits] >= '0' && text.p[digits] <= '9')
		digits++;
	if (digits == 0)
		return -1;
	return str_number(str_cut(text, 0, digits), INT_MAX, &v) ? (int)v : INT_MAX;
}

int sipside_msg_expires(const struct sipside_msg *m)
{
	return seconds(m, HDR_EXPIRES);
}

unsigned sipside_msg_min_expires(const struct sipside_msg *m)
{
	int s = seconds(m, HDR_MIN_EXPIRES);

	return s > 0 ? (unsigned)s : 0;
}

unsigned sipside_msg_retry_after(const struct sipside_msg *m)
{
	int s = seconds(m, HDR_RETRY_AFTER);

	return s > 0 ? (unsigned)s : 0;
}

int64_t sipside_msg_date(const struct sipside_msg *m)
{
	int64_t ms;

	return codec_date(m, sipside_msg_text(m, HDR_DATE), &ms) ? ms : 0;
}

struct s_body sipside_msg_body(const struct sipside_msg *m)
{
	if (!m->body.n)
		return (struct s_body){ 0 };
	return (struct s_body){ .type = sipside_msg_text(m, HDR_CONTENT_TYPE),
		.lang = sipside_msg_text(m, HDR_CONTENT_LANGUAGE),
		.bytes = m->body };
}

bool sipside_msg_event(const struct sipside_msg *m, struct sipside_event *out)
{
	return codec_event(m, sipside_msg_text(m, HDR_EVENT), out);
}

bool sipside_msg_substate(const struct sipside_msg *m, struct sipside_substate *out)
{
	return codec_substate(m, sipside_msg_text(m, HDR_SUBSCRIPTION_STATE), out);
}

/* Call-ID, From tag and CSeq; the lengths go in as well, so that no two different triples look the same. */
static struct str identity(const struct sipside_msg *m)
{
	uint32_t numbers[] = { (uint32_t)m->call_id.n, (uint32_t)m->from.tag.n, m->cseq };
	size_t n = sizeof(numbers) + m->call_id.n + m->from.tag.n;
	char *bytes = arena_alloc(m->env->turn, n), *p = bytes;

	memcpy(p, numbers, sizeof(numbers));
	p += sizeof(numbers);
	if (m->call_id.n)
		memcpy(p, m->call_id.p, m->call_id.n);
	p += m->call_id.n;
	if (m->from.tag.n)
		memcpy(p, m->from.tag.p, m->from.tag.n);
	return (struct str){ bytes, n };
}

struct str sipside_msg_key(const struct sipside_msg *m)
{
	static const uint8_t fixed[16] = "tombolo-re-send"; /* the same after a restart, as the peer's re-sends are */
	struct str id = identity(m);

	return arena_hex(m->env->turn, hash_bytes_with(fixed, id.p, id.n));
}

uint64_t sipside_msg_merge_key(const struct sipside_msg *m)
{
	return hash_str(identity(m)) ^ (uint64_t)m->method;
}
