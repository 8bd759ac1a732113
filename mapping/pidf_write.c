/* SPDX-License-Identifier: MIT */
#include "mapping/activity.h"
#include "mapping/address.h"
#include "mapping/document.h"
#include "mapping/pidf.h"
#include "mapping/show.h"
#include "mapping/timestamp.h"

/* An xml:lang that the schema takes (RFC 5646's outer form): letters, then subtags of at most eight. */
static bool is_language(struct str lang)
{
	size_t run = 0;

	for (size_t i = 0; i < lang.n; i++) {
		char c = lang.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (c == '-' && run) {
			run = 0;
			continue;
		}
		if ((!letter && !(c >= '0' && c <= '9' && str_find(lang, '-') < i)) || ++run > 8)
			return false;
	}
	return run > 0;
}

static void put_element(struct buf *b, const char *name, struct str text)
{
	buf_printf(b, "<%s>", name);
	map_document_escape(b, text);
	buf_printf(b, "</%s>", name);
}

static void put_note(struct buf *b, const struct s_tuple *t)
{
	if (t->note.n == 0)
		return;
	buf_lit(b, "<note");
	if (is_language(t->lang)) {
		buf_lit(b, " xml:lang=\"");
		map_document_escape(b, t->lang);
		buf_lit(b, "\"");
	}
	buf_lit(b, ">");
	map_document_escape(b, t->note);
	buf_lit(b, "</note>");
}

/* "0.007", "1": a qvalue (RFC 3261 25.1). */
static void put_contact(struct buf *b, const struct s_tuple *t, struct str entity)
{
	int milli = t->priority_milli;

	if (milli < 0)
		return;
	if (milli >= 1000)
		buf_lit(b, "<contact priority=\"1\">");
	else
		buf_printf(b, "<contact priority=\"0.%03d\">", milli);
	map_document_escape(b, entity);
	buf_lit(b, "</contact>");
}

/* RFC 3863 4.1.2's order: status, contact, note, timestamp. */
static void put_tuple(struct arena *a, struct buf *b, const struct s_tuple *t, struct str entity)
{
	struct str show = t->open ? map_show_word(t->show) : STR_NONE;

	buf_lit(b, "<tuple id=\"");
	map_document_escape(b, t->id);
	buf_lit(b, "\"><status>");
	put_element(b, "basic", t->open ? STR("open") : STR("closed"));
	if (show.n)
		buf_printf(b, "<show xmlns=\"jabber:client\">" STR_FMT "</show>", STR_ARG(show));
	buf_lit(b, "</status>");
	put_contact(b, t, entity);
	put_note(b, t);
	if (t->stamp_ms > 0)
		put_element(b, "timestamp", map_timestamp_print(a, t->stamp_ms));
	buf_lit(b, "</tuple>");
}

/* One person speaks for all devices: by the open one of highest priority. */
static const struct s_tuple *speaker(const struct s_presence *in)
{
	const struct s_tuple *best = NULL;

	for (unsigned i = 0; i < in->count; i++) {
		const struct s_tuple *t = &in->tuples[i];

		if (t->open && (!best || t->priority_milli > best->priority_milli))
			best = t;
	}
	return best;
}

/* The schema takes <unknown/> alone or any of the others. */
static void put_person(struct buf *b, unsigned activities)
{
	struct buf inside = { 0 };
	unsigned done = 0;

	for (unsigned i = 0; i < S_ACTIVITIES; i++) {
		struct str element = map_activity((enum s_activity)i)->element;
		unsigned bit = map_activity_bit(element);

		if (!(activities & 1u << i) || !element.n || (done & bit))
			continue;
		if (i == S_ACT_UNKNOWN && done)
			continue;
		done |= bit;
		buf_printf(&inside, "<rpid:" STR_FMT "/>", STR_ARG(element));
	}
	if (inside.n) {
		buf_lit(b, "<dm:person id=\"person\"><rpid:activities>");
		buf_add(b, buf_str(&inside));
		buf_lit(b, "</rpid:activities></dm:person>");
	}
	buf_finish(&inside);
}

static void put_display_name(struct buf *b, struct str name)
{
	if (name.n)
		put_element(b, "ci:display-name", name);
}

static void put_root(struct buf *b, struct str entity, struct str namespaces)
{
	buf_lit(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<presence xmlns=\"urn:ietf:params:xml:ns:pidf\"");
	buf_add(b, namespaces);
	buf_lit(b, " xmlns:ci=\"urn:ietf:params:xml:ns:pidf:cipid\" entity=\"");
	map_document_escape(b, entity);
	buf_lit(b, "\">");
}

/* RFC 3863, RFC 4480, RFC 8048. */
static void write_standard(struct arena *a, struct buf *b, const struct s_presence *in, struct str entity)
{
	const struct s_tuple *best = speaker(in);

	put_root(b, entity,
		STR(" xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\""
		    " xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\""));
	for (unsigned i = 0; i < in->count; i++)
		put_tuple(a, b, &in->tuples[i], entity);
	if (best)
		put_person(b, best->activities);
	put_display_name(b, in->display_name);
	buf_lit(b, "</presence>");
}

/* What peers of the RPID drafts read, and nothing else: basic, one activity as text, the name. */
static void write_draft(struct buf *b, const struct s_presence *in, struct str entity)
{
	put_root(b, entity, STR(" xmlns:ep=\"urn:ietf:params:xml:ns:pidf:status:rpid-status\""));
	for (unsigned i = 0; i < in->count; i++) {
		const struct s_tuple *t = &in->tuples[i];
		enum s_activity first = t->open ? map_activity_first(t->activities) : S_ACTIVITIES;
		struct str word = first < S_ACTIVITIES ? map_activity(first)->draft : STR_NONE;

		buf_lit(b, "<tuple id=\"");
		map_document_escape(b, t->id);
		buf_lit(b, "\"><status>");
		put_element(b, "basic", t->open ? STR("open") : STR("closed"));
		if (word.n)
			buf_printf(b, "<ep:activities><ep:activity>" STR_FMT "</ep:activity></ep:activities>",
				STR_ARG(word));
		buf_lit(b, "</status></tuple>");
	}
	put_display_name(b, in->display_name);
	buf_lit(b, "</presence>");
}

struct str map_pidf_write(struct arena *a, const struct s_presence *in, const struct map_profile *profile)
{
	struct str entity = map_uri_print(a, &in->entity);
	struct buf b = { 0 };

	if (profile->draft_rpid)
		write_draft(&b, in, entity);
	else
		write_standard(a, &b, in, entity);
	struct str bytes = arena_str(a, buf_str(&b));

	buf_finish(&b);
	return bytes;
}
