/* SPDX-License-Identifier: MIT */
#include "mapping/multipart.h"
#include "mapping/mime.h"
#include "mapping/text.h"

/* A delimiter line: "--boundary", perhaps "--" behind it, perhaps blanks. */
enum line { LINE_OTHER, LINE_DELIMITER, LINE_CLOSE };

static enum line kind_of(struct str line, struct str boundary)
{
	if (!str_starts(line, STR("--")) || !str_starts(str_cut(line, 2, line.n), boundary))
		return LINE_OTHER;
	struct str rest = str_trim(str_cut(line, 2 + boundary.n, line.n));

	if (rest.n == 0)
		return LINE_DELIMITER;
	return str_eq(rest, STR("--")) ? LINE_CLOSE : LINE_OTHER;
}

/* The line end before a delimiter belongs to the delimiter. */
static struct str without_last_end(struct str s)
{
	if (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	if (s.n && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

unsigned map_multipart_read(struct arena *a, const struct s_body *body, struct s_body parts[MAP_MULTIPART_PARTS])
{
	struct str boundary = map_type_param(a, body->type, STR("boundary")), rest = body->bytes;
	const char *start = NULL; /* of the part that is open */
	unsigned count = 0;

	if (boundary.n == 0 || boundary.n > 70)
		return 0;
	while (rest.n && count < MAP_MULTIPART_PARTS) {
		struct str line = str_next(&rest, '\n');
		enum line kind = kind_of(line, boundary);

		if (kind == LINE_OTHER)
			continue;
		if (start) {
			struct str part = { start, (size_t)(line.p - start) };

			count += map_mime_read(a, without_last_end(part), &parts[count]);
		}
		if (kind == LINE_CLOSE)
			break;
		start = rest.p;
	}
	return count;
}
