/* SPDX-License-Identifier: MIT */
#include "component/config/config_value.h"

#include <stdio.h>
#include <string.h>

#include "component/config/config_units.h"
#include "component/config/secret.h"
#include "component/config/suggest.h"
#include "mapping/base/alloc.h"

/* One value on its way: what it is to become, where it stands, where it goes. */
struct value {
	struct config_reading *r;
	const struct config_option *option;
	const struct config_text *texts;
	unsigned count;
	bool explicit;
	char *at, *at_more; /* NULL: nowhere */
};

void config_note(struct config_reading *r, unsigned line, bool refuse, const char *fmt, ...)
{
	struct config_notes *notes = &r->notes;
	char words[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	notes->list = alloc_grow(notes->list, (notes->count + 1) * sizeof(*notes->list));
	notes->list[notes->count++] =
		(struct config_notice){ .line = line, .refuse = refuse, .text = arena_str(r->arena, str_c(words)) };
}

/* "limits.sessions" */
static struct str full_name(const struct value *v)
{
	const struct config_option *o = v->option;

	return arena_printf(
		v->r->arena, STR_FMT "%s" STR_FMT, STR_ARG(o->section), o->section.n ? "." : "", STR_ARG(o->name));
}

static void note_later(const struct value *v, const struct config_text *t, enum config_support support)
{
	struct str name = full_name(v);
	const char *text = v->option->type == CONFIG_T_SECRET ? "..." : t->text.p;

	if (v->explicit && support != CONFIG_WORKS)
		config_note(v->r, t->line, support == CONFIG_LATER_REFUSE,
			STR_FMT " = %.80s is not yet supported: " STR_FMT, STR_ARG(name), text,
			STR_ARG(v->option->instead));
}

static void wrong(const struct value *v, const struct config_text *t)
{
	struct str name = full_name(v), words = config_type_words(v->option->type);

	config_fault(v->r->faults, t->line, STR_FMT " = %.80s: this is not " STR_FMT, STR_ARG(name), t->text.p,
		STR_ARG(words));
}

/* Most forget the transport; the shape of the rest is told where it is there. */
static void wrong_address(const struct value *v, const struct config_text *t)
{
	struct str name = full_name(v);

	if (str_starts_nocase(t->text, STR("udp:")) || str_starts_nocase(t->text, STR("tcp:")) ||
		str_starts_nocase(t->text, STR("tls:")))
		wrong(v, t);
	else
		config_fault(v->r->faults, t->line,
			STR_FMT " = %.80s: an address begins with udp:, tcp: or tls:, such as tcp:10.0.0.9:5060",
			STR_ARG(name), t->text.p);
}

static void store(char *at, const void *from, size_t n)
{
	if (at)
		memcpy(at, from, n);
}

static void store_unsigned(char *at, uint64_t number)
{
	unsigned u = (unsigned)number;

	store(at, &u, sizeof(u));
}

/* A list's array, filled by the caller; its count is stored here. */
static void store_list(const struct value *v, const void *list, unsigned count)
{
	store(v->at, &list, sizeof(list));
	store(v->at_more, &count, sizeof(count));
}

/* -- Single values */

static bool in_range(const struct value *v, uint64_t number)
{
	const struct config_option *o = v->option;
	struct str name = full_name(v);
	bool above = number > o->max;

	if (number >= o->min && !above)
		return true;
	if (o->type == CONFIG_T_NUMBER || o->type == CONFIG_T_RATE)
		config_fault(v->r->faults, v->texts->line, STR_FMT " = %.80s is %s %llu", STR_ARG(name),
			v->texts->text.p, above ? "above" : "below", (unsigned long long)(above ? o->max : o->min));
	else
		config_fault(v->r->faults, v->texts->line, STR_FMT " = %.80s is %s %llu %s", STR_ARG(name),
			v->texts->text.p, above ? "above" : "below",
			(unsigned long long)(above ? o->max : o->min) / (o->type == CONFIG_T_SIZE ? 1024 : 1000),
			o->type == CONFIG_T_SIZE ? "KiB" : "s");
	return false;
}

static void take_number(const struct value *v)
{
	uint64_t number;

	if (!str_number(v->texts->text, UINT32_MAX, &number))
		wrong(v, v->texts);
	else if (in_range(v, number))
		store_unsigned(v->at, number);
}

static void take_duration(const struct value *v)
{
	uint64_t ms;

	if (!config_read_duration(v->texts->text, &ms))
		wrong(v, v->texts);
	else if (in_range(v, ms))
		store_unsigned(v->at, ms);
}

static void take_size(const struct value *v)
{
	uint64_t bytes;

	if (!config_read_size(v->texts->text, &bytes))
		wrong(v, v->texts);
	else if (in_range(v, bytes))
		store_unsigned(v->at, bytes);
}

static void take_rate(const struct value *v)
{
	uint64_t count, per_ms;

	if (!config_read_rate(v->texts->text, &count, &per_ms)) {
		wrong(v, v->texts);
	} else if (in_range(v, count)) {
		store_unsigned(v->at, count);
		store_unsigned(v->at_more, per_ms);
	}
}

static void take_name(const struct value *v)
{
	struct str name;

	if (config_read_name(v->r->arena, v->texts->text, &name))
		store(v->at, &name, sizeof(name));
	else
		wrong(v, v->texts);
}

static void take_text(const struct value *v)
{
	struct str text = arena_str(v->r->arena, v->texts->text);

	store(v->at, &text, sizeof(text));
}

static void take_path(const struct value *v)
{
	if (v->texts->text.n && v->texts->text.p[0] == '/')
		take_text(v);
	else
		wrong(v, v->texts);
}

static void take_server(const struct value *v)
{
	struct config_xmpp x;

	if (!config_read_server(v->r->arena, v->texts->text, &x.host, &x.port)) {
		wrong(v, v->texts);
		return;
	}
	if (v->at) {
		((struct config_xmpp *)v->at)->host = x.host;
		((struct config_xmpp *)v->at)->port = x.port ? x.port : 5347;
	}
}

static void take_secret(const struct value *v)
{
	struct str secret, words, name = full_name(v);
	enum secret_source source = secret_read(v->r->arena, v->texts->text, &secret, &words);

	if (source == SECRET_BAD)
		config_fault(v->r->faults, v->texts->line, STR_FMT ": " STR_FMT, STR_ARG(name), STR_ARG(words));
	else
		store(v->at, &secret, sizeof(secret));
	if (source != SECRET_BAD && words.n)
		config_note(v->r, v->texts->line, false, STR_FMT ": " STR_FMT, STR_ARG(name), STR_ARG(words));
}

/* The text is sqlite:PATH; another database would keep the state elsewhere than the operator thinks. */
static void take_storage(const struct value *v)
{
	struct str text = v->texts->text;

	if (str_starts(text, STR("postgresql:")))
		note_later(v, v->texts, CONFIG_LATER_REFUSE);
	else if (!str_starts(text, STR("sqlite:")) || text.n == 7)
		wrong(v, v->texts);
	take_text(v);
}

static void take_address(const struct value *v)
{
	struct sipside_address address;
	bool zero;

	if (config_read_address(v->r->arena, v->texts->text, &address, &zero) && !zero)
		store(v->at, &address, sizeof(address));
	else
		wrong_address(v, v->texts);
}

/* -- Words */

static void wrong_word(const struct value *v, struct str *known, unsigned count)
{
	struct suggest near = { .word = v->texts->text };
	struct str name = full_name(v);
	struct buf all = { .n = 0 };

	for (unsigned i = 0; i < count; i++) {
		suggest_try(&near, known[i]);
		buf_printf(&all, "%s" STR_FMT, i ? ", " : "", STR_ARG(known[i]));
	}
	if (near.best.n)
		config_fault(v->r->faults, v->texts->line,
			STR_FMT " = %.80s: did you mean \"" STR_FMT "\"? (" STR_FMT ")", STR_ARG(name),
			v->texts->text.p, STR_ARG(near.best), STR_ARG(buf_str(&all)));
	else
		config_fault(v->r->faults, v->texts->line, STR_FMT " = %.80s: it is one of " STR_FMT, STR_ARG(name),
			v->texts->text.p, STR_ARG(buf_str(&all)));
	buf_finish(&all);
}

enum { WORDS_MAX = 16 };

static void take_word(const struct value *v)
{
	const struct config_word *w = v->option->words;
	struct str known[WORDS_MAX];
	unsigned count = 0;
	bool yes;

	for (; w->word.n; w++) {
		if (str_eq(w->word, v->texts->text))
			break;
		if (count < WORDS_MAX)
			known[count++] = w->word;
	}
	if (!w->word.n) {
		wrong_word(v, known, count);
		return;
	}
	note_later(v, v->texts, w->support);
	yes = w->value != 0;
	if (v->option->type == CONFIG_T_YESNO)
		store(v->at, &yes, sizeof(yes));
	else
		store_unsigned(v->at, w->value);
}

static void take_profile(const struct value *v)
{
	const struct map_profile *profile = map_profile_find(v->texts->text), *other;
	struct str known[WORDS_MAX];
	unsigned count = 0;

	if (profile) {
		store(v->at, &profile, sizeof(profile));
		return;
	}
	for (; count < WORDS_MAX && (other = map_profile_at(count)); count++)
		known[count] = other->name;
	wrong_word(v, known, count);
}

/* -- Lists */

/* `read` turns each text into a string; the faulty ones are reported and left out. */
static void take_strings(const struct value *v, bool (*read)(struct arena *a, struct str text, struct str *out))
{
	struct str *list = arena_alloc(v->r->arena, (v->count + 1) * sizeof(*list));
	unsigned count = 0;

	for (unsigned i = 0; i < v->count; i++) {
		if (read(v->r->arena, v->texts[i].text, &list[count]))
			count++;
		else
			wrong(v, &v->texts[i]);
	}
	store_list(v, list, count);
}

static void take_names(const struct value *v)
{
	take_strings(v, config_read_name);
}

static void take_peers(const struct value *v)
{
	take_strings(v, config_read_peer);
}

static bool read_host(struct arena *a, struct str text, struct str *out)
{
	struct str rest = text, name, address;
	bool is_pair = str_find(text, '=') < text.n;

	if (!is_pair || !config_read_name(a, str_next(&rest, '='), &name) || !config_read_name(a, rest, &address))
		return false;
	*out = arena_printf(a, STR_FMT "=" STR_FMT, STR_ARG(name), STR_ARG(address));
	return true;
}

static void take_hosts(const struct value *v)
{
	take_strings(v, read_host);
}

static bool read_server_text(struct arena *a, struct str text, struct str *out)
{
	struct str host;
	uint16_t port;

	if (!config_read_server(a, text, &host, &port))
		return false;
	*out = arena_printf(a, str_find(host, ':') < host.n ? "[" STR_FMT "]:%u" : STR_FMT ":%u", STR_ARG(host), port);
	return true;
}

static void take_servers(const struct value *v)
{
	take_strings(v, read_server_text);
}

static bool read_text(struct arena *a, struct str text, struct str *out)
{
	*out = arena_str(a, text);
	return text.n > 0;
}

static void take_texts(const struct value *v)
{
	take_strings(v, read_text);
}

/* Where we listen: a port left out is the transport's own (RFC 3261 19.1.2). */
static void take_addresses(const struct value *v)
{
	struct sipside_address *list = arena_alloc(v->r->arena, (v->count + 1) * sizeof(*list));
	unsigned count = 0;

	for (unsigned i = 0; i < v->count; i++) {
		struct sipside_address address;
		bool zero;

		if (!config_read_address(v->r->arena, v->texts[i].text, &address, &zero)) {
			wrong_address(v, &v->texts[i]);
		} else {
			if (!address.port && !zero)
				address.port = address.transport == SIPSIDE_TLS ? 5061 : 5060;
			list[count++] = address;
		}
	}
	store_list(v, list, count);
}

static void (*const takers[CONFIG_TYPES])(const struct value *v) = {
	[CONFIG_T_NAME] = take_name,
	[CONFIG_T_NAMES] = take_names,
	[CONFIG_T_PEERS] = take_peers,
	[CONFIG_T_HOSTS] = take_hosts,
	[CONFIG_T_ADDRESS] = take_address,
	[CONFIG_T_ADDRESSES] = take_addresses,
	[CONFIG_T_SERVER] = take_server,
	[CONFIG_T_SERVERS] = take_servers,
	[CONFIG_T_SECRET] = take_secret,
	[CONFIG_T_WORD] = take_word,
	[CONFIG_T_YESNO] = take_word,
	[CONFIG_T_PROFILE] = take_profile,
	[CONFIG_T_NUMBER] = take_number,
	[CONFIG_T_DURATION] = take_duration,
	[CONFIG_T_SIZE] = take_size,
	[CONFIG_T_RATE] = take_rate,
	[CONFIG_T_PATH] = take_path,
	[CONFIG_T_STORAGE] = take_storage,
	[CONFIG_T_TEXT] = take_text,
	[CONFIG_T_TEXTS] = take_texts,
};

void config_value(struct config_reading *r, const struct config_option *option, const struct config_text *values,
	unsigned count, bool explicit, void *target)
{
	struct value v = { r, option, values, count, explicit, NULL, NULL };

	if (option->at != CONFIG_NOWHERE) {
		v.at = (char *)target + option->at;
		if (option->at_more)
			v.at_more = (char *)target + option->at_more;
	}
	if (count || config_type_is_list(option->type))
		takers[option->type](&v);
	if (count)
		note_later(&v, values, option->support);
	if (option->line_at && option->at != CONFIG_NOWHERE && count)
		store_unsigned((char *)target + option->line_at, values->line);
}
