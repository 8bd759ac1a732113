/* SPDX-License-Identifier: MIT */
#include "mapping/mime.h"
#include "mapping/transfer_encoding.h"

static bool continues(struct str rest)
{
	return rest.n && (rest.p[0] == ' ' || rest.p[0] == '\t');
}

/* The lines of a field as one: each line end is a blank. */
static struct str unfolded(struct arena *a, struct str lines)
{
	if (str_find(lines, '\n') == lines.n)
		return lines;
	struct str made = arena_str(a, lines);
	char *p = (char *)made.p;

	for (size_t i = 0; i < made.n; i++)
		if (p[i] == '\r' || p[i] == '\n')
			p[i] = ' ';
	return made;
}

bool map_mime_next(struct arena *a, struct str *rest, struct map_mime_field *out)
{
	struct str whole = *rest, line = str_next(rest, '\n');

	if (str_trim(line).n == 0)
		return false;
	while (continues(*rest))
		str_next(rest, '\n');
	struct str field = str_trim(unfolded(a, str_trim(str_cut(whole, 0, whole.n - rest->n))));

	out->name = str_trim(str_next(&field, ':'));
	out->value = str_trim(field);
	return true;
}

bool map_mime_read(struct arena *a, struct str entity, struct s_body *out)
{
	struct map_mime_field field;
	struct str encoding = STR_NONE;

	*out = (struct s_body){ .type = STR("text/plain") };
	while (map_mime_next(a, &entity, &field)) {
		if (str_eq_nocase(field.name, STR("Content-Type")))
			out->type = field.value;
		else if (str_eq_nocase(field.name, STR("Content-Language")))
			out->lang = field.value;
		else if (str_eq_nocase(field.name, STR("Content-Transfer-Encoding")))
			encoding = field.value;
	}
	return map_transfer_decode(a, encoding, entity, &out->bytes);
}
