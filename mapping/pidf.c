/* SPDX-License-Identifier: MIT */
/* The reader. Writing is in pidf_write.c. */
#include "mapping/pidf.h"
#include "mapping/activity.h"
#include "mapping/address.h"
#include "mapping/document.h"
#include "mapping/show.h"
#include "mapping/text.h"
#include "mapping/timestamp.h"

enum { TUPLES = 64 };

const struct str map_pidf_type = STR_INIT("application/pidf+xml");

/* What a document says of the person rather than of one tuple. */
struct person {
	unsigned activities;
	struct str note, lang;
	bool shows; /* some tuple has a show: devices speak for themselves, the person sums them up */
};

static bool must_understand(const struct map_element *e)
{
	struct str said = str_trim(map_document_attribute(e, STR("mustUnderstand")));

	return str_eq(said, STR("1")) || str_eq(said, STR("true"));
}

/* <activities>: RFC 4480 elements, or the draft's <activity>text</activity>. One that must be understood and is not takes
 * the whole of it away (RFC 3863 4.4). */
static unsigned read_activities(const struct map_element *e)
{
	unsigned bits = 0;

	for (const struct map_element *one = e->child; one; one = one->next) {
		bool draft = str_eq(one->name, STR("activity"));
		unsigned bit = map_activity_bit(draft ? str_trim(one->text) : one->name);

		if (str_eq(one->name, STR("note")))
			continue;
		if (!bit && must_understand(one))
			return 0;
		bits |= bit ? bit : 1u << S_ACT_OTHER;
	}
	return bits;
}

/* All <activities> anywhere below: peers put them into status, tuple, person and device. */
static unsigned activities_below(const struct map_element *top)
{
	unsigned bits = 0;

	for (const struct map_element *e = top; e; e = map_document_walk(top, e))
		if (str_eq(e->name, STR("activities")))
			bits |= read_activities(e);
	return bits;
}

static void read_note(struct arena *a, const struct map_element *parent, struct str *note, struct str *lang)
{
	const struct map_element *e = map_document_child(parent, STR("note"));

	if (!e || str_trim(e->text).n == 0)
		return;
	*note = map_text_clean(a, str_trim(e->text));
	*lang = map_document_attribute(e, STR("lang"));
}

/* "0.555" is 555 thousandths. More decimals are cut, more than one is one; what is no number is none. */
static int read_priority(const struct map_element *tuple)
{
	const struct map_element *contact = map_document_child(tuple, STR("contact"));
	struct str text = contact ? str_trim(map_document_attribute(contact, STR("priority"))) : STR_NONE;
	struct str whole = str_next(&text, '.');
	uint64_t ones, part = 0;
	int milli = 0;

	if (!str_number(whole, UINT64_MAX, &ones) || (text.n && !str_number(text, UINT64_MAX, &part)))
		return -1;
	for (size_t i = 0; i < 3; i++)
		milli = milli * 10 + (i < text.n ? text.p[i] - '0' : 0);
	return ones ? 1000 : milli;
}

/* False: it says neither basic nor anything in its place, so it does not speak at all. */
static bool read_status(const struct map_element *tuple, struct s_tuple *out)
{
	const struct map_element *status = map_document_child(tuple, STR("status"));
	const struct map_element *basic = map_document_child(status, STR("basic"));
	const struct map_element *show = map_document_child(status, STR("show"));
	struct str word = basic ? str_trim(basic->text) : STR_NONE;

	if (show)
		out->show = map_show_read(str_trim(show->text));
	out->activities = activities_below(tuple);
	out->open = str_eq_nocase(word, STR("open"));
	if (out->open || str_eq_nocase(word, STR("closed")))
		return true;
	out->open = out->activities || out->show != X_SHOW_NONE;
	return out->open;
}

static bool read_tuple(struct arena *a, const struct map_element *e, const struct person *person, struct s_tuple *out)
{
	const struct map_element *timestamp = map_document_child(e, STR("timestamp"));

	*out = (struct s_tuple){
		.id = map_document_attribute(e, STR("id")), .note = person->note, .lang = person->lang
	};
	if (!read_status(e, out))
		return false;
	read_note(a, e, &out->note, &out->lang);
	out->priority_milli = read_priority(e);
	if (timestamp)
		map_timestamp_read(timestamp->text, &out->stamp_ms);
	if (!person->shows)
		out->activities |= person->activities;
	return true;
}

/* Document, person and device, the first that has a note. */
static void read_person(struct arena *a, const struct map_element *root, struct person *out)
{
	read_note(a, root, &out->note, &out->lang);
	for (const struct map_element *e = root->child; e; e = e->next) {
		if (str_eq(e->name, STR("tuple"))) {
			out->shows =
				out->shows || map_document_child(map_document_child(e, STR("status")), STR("show"));
			continue;
		}
		out->activities |= activities_below(e);
		if (out->note.n == 0)
			read_note(a, e, &out->note, &out->lang);
	}
}

static struct str read_display_name(struct arena *a, const struct map_element *root)
{
	for (const struct map_element *e = root; e; e = map_document_walk(root, e))
		if (str_eq(e->name, STR("display-name")))
			return map_text_clean(a, str_trim(e->text));
	return STR_NONE;
}

static bool read_tuples(struct arena *a, const struct map_element *root, struct s_presence *out)
{
	const struct map_element *first = map_document_child(root, STR("tuple"));
	struct person person = { 0 };
	unsigned total = 0;

	for (const struct map_element *e = first; e; e = map_document_next(e, STR("tuple")))
		total++;
	if (total > TUPLES)
		return false;
	read_person(a, root, &person);
	out->tuples = arena_alloc(a, total * sizeof(*out->tuples));
	for (const struct map_element *e = first; e; e = map_document_next(e, STR("tuple")))
		if (read_tuple(a, e, &person, &out->tuples[out->count]))
			out->count++;
	return true;
}

enum reason map_pidf_read(struct arena *a, struct str bytes, struct s_presence *out)
{
	const struct map_element *root = map_document_read(a, bytes);
	struct s_presence made = { 0 };

	if (!root || !str_eq(root->name, STR("presence")))
		return REASON_BAD_CONTENT;
	struct str entity = map_document_attribute(root, STR("entity"));

	/* the older formats have a root of the same name, but neither of these */
	if (entity.n == 0 && !map_document_child(root, STR("tuple")))
		return REASON_BAD_CONTENT;
	if (!read_tuples(a, root, &made))
		return REASON_BAD_CONTENT;
	if (entity.n)
		map_uri_parse(a, str_trim(entity),
			&made.entity); /* one we cannot read stays empty: the dialog says who it is */
	made.display_name = read_display_name(a, root);
	*out = made;
	return REASON_NONE;
}
