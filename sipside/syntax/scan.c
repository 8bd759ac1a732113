/* SPDX-License-Identifier: MIT */
#include "sipside/syntax/scan.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Takes one physical line off the front; without its line end (CR LF, or a bare LF as some peers write). */
static bool next_line(struct str *rest, struct str *line)
{
	size_t at = str_find(*rest, '\n');

	if (rest->n == 0)
		return false;
	*line = str_cut(*rest, 0, at);
	*rest = str_cut(*rest, at + 1, rest->n);
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

static bool has_blank(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_blank(s.p[i]))
			return true;
	return false;
}

/* Method SP Request-URI SP SIP-Version. What lies between the first and the last space counts as the URI, so that an
 * answer can still be made for a line that has too many spaces. */
static bool read_request_line(struct str line, struct scan *s)
{
	size_t first = str_find(line, ' '), last = line.n;

	while (last > first && line.p[last - 1] != ' ')
		last--;
	s->version = str_cut(line, last, line.n);
	if (first == 0 || last <= first || !str_starts_nocase(s->version, STR("SIP/")))
		return false;
	s->is_request = true;
	s->method = str_cut(line, 0, first);
	s->uri = str_cut(line, first + 1, last - 1);
	s->start_line_ok = s->uri.n > 0 && !has_blank(s->uri) && !has_blank(s->method);
	return true;
}

static bool read_status_line(struct str line, struct scan *s)
{
	uint64_t status = 0;
	struct str rest = line;

	s->version = str_next(&rest, ' ');
	struct str code = str_next(&rest, ' ');

	s->phrase = rest;
	s->start_line_ok = code.n == 3 && str_number(code, 699, &status) && status >= 100;
	s->status = (int)status;
	return true;
}

static bool read_start_line(struct str line, struct scan *s)
{
	while (line.n && is_blank(line.p[line.n - 1]))
		line.n--; /* RFC 4475 3.1.2.10: lenient about trailing space */
	if (str_starts_nocase(line, STR("SIP/")))
		return read_status_line(line, s);
	return read_request_line(line, s);
}

static void keep_line(struct scan *s, struct str whole)
{
	size_t colon = str_find(whole, ':');
	struct str name = str_trim(str_cut(whole, 0, colon));

	if (colon == whole.n || name.n == 0 || has_blank(name) || memchr(name.p, '\n', name.n)) {
		s->lines_ok = false;
		return;
	}
	if (s->count == s->room || whole.n > SCAN_MAX_LINE) {
		s->too_large = true;
		return;
	}
	enum sipside_header id = name_header(name);

	if (s->counts[id]++ == 0)
		s->first[id] = s->count;
	s->lines[s->count++] =
		(struct scan_line){ .id = id, .name = name, .value = str_trim(str_cut(whole, colon + 1, whole.n)) };
}

static bool holds_bare_cr(struct str s)
{
	const char *end = s.p + s.n;

	for (const char *p = s.p; p < end && (p = memchr(p, '\r', (size_t)(end - p))); p++)
		if (p + 1 == end || p[1] != '\n')
			return true;
	return false;
}

unsigned scan_room(struct str bytes)
{
	const char *end = bytes.p + bytes.n;
	unsigned room = 0;

	for (const char *p = bytes.p; p < end && room < SCAN_MAX_LINES; p++, room++) {
		const char *at = memchr(p, '\n', (size_t)(end - p));

		if (!at)
			break;
		if (end - at > 2 && at[1] == '\r' && at[2] == '\n' && room)
			break;
		p = at;
	}
	return room + 1;
}

bool scan_message(struct str bytes, struct scan_line *lines, unsigned room, struct scan *out)
{
	struct str rest = bytes, line, whole = STR_NONE;

	*out = (struct scan){ .lines = lines, .room = room < SCAN_MAX_LINES ? room : SCAN_MAX_LINES, .lines_ok = true };
	while (rest.n && (rest.p[0] == '\r' || rest.p[0] == '\n'))
		rest = str_cut(rest, 1, rest.n);
	if (!next_line(&rest, &line) || !read_start_line(line, out))
		return false;
	if (line.n > SCAN_MAX_LINE)
		out->too_large = true;
	const char *head = rest.p;

	while (next_line(&rest, &line)) {
		bool continues = line.n && is_blank(line.p[0]);

		if (continues && whole.p) {
			whole.n = (size_t)(line.p + line.n - whole.p);
			continue;
		}
		if (whole.p)
			keep_line(out, whole);
		whole = line;
		if (line.n == 0) {
			out->has_end = true;
			break;
		}
		if (continues) /* a continuation of nothing */
			out->lines_ok = false;
	}
	if (whole.n)
		keep_line(out, whole);
	if (head && holds_bare_cr((struct str){ head, (size_t)(bytes.p + bytes.n - rest.n - head) }))
		out->lines_ok = false;
	out->rest = rest;
	return true;
}

int64_t scan_content_length(const struct scan *s)
{
	int64_t length = -1;

	if (!s->counts[HDR_CONTENT_LENGTH])
		return -1;
	for (unsigned i = s->first[HDR_CONTENT_LENGTH]; i < s->count; i++) {
		uint64_t v;

		if (s->lines[i].id != HDR_CONTENT_LENGTH)
			continue;
		if (!str_number(s->lines[i].value, UINT32_MAX, &v) || (length >= 0 && length != (int64_t)v))
			return -2;
		length = (int64_t)v;
	}
	return length;
}

size_t scan_end_of_head(struct str bytes, size_t *at)
{
	for (;;) {
		struct str rest = str_cut(bytes, *at, bytes.n);
		size_t line = str_find(rest, '\n');

		if (line == rest.n) {
			*at = bytes.n;
			return 0;
		}
		struct str after = str_cut(rest, line + 1, rest.n);

		if (after.n && after.p[0] == '\n')
			return *at + line + 2;
		if (after.n > 1 && after.p[0] == '\r' && after.p[1] == '\n')
			return *at + line + 3;
		if (after.n == 0 || (after.n == 1 && after.p[0] == '\r')) {
			*at += line; /* this line end may become the one before the empty line */
			return 0;
		}
		*at += line + 1;
	}
}

struct str scan_next_value(struct str *rest)
{
	bool quoted = false, bracketed = false;
	size_t i = str_find(*rest, ',') == rest->n ? rest->n : 0; /* most values stand alone */

	for (; i < rest->n; i++) {
		char c = rest->p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"' && !bracketed)
			quoted = !quoted;
		else if (!quoted && c == '<')
			bracketed = true;
		else if (!quoted && c == '>')
			bracketed = false;
		else if (!quoted && !bracketed && c == ',')
			break;
	}
	if (i > rest->n)
		i = rest->n;
	struct str value = str_trim(str_cut(*rest, 0, i));

	*rest = str_cut(*rest, i + 1, rest->n);
	return value;
}
