/* SPDX-License-Identifier: MIT */
/* The one table of everything that can be configured. The scanner, the parser, `tombolo check` and the test of the manual
 * page tombolo.conf(5) all read it; a new key is one row here. */
#ifndef TOMBOLO_CONFIG_OPTIONS_H
#define TOMBOLO_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "mapping/base/str.h"

enum config_type {
	CONFIG_T_NAME, /* host or domain name, or an IP address */
	CONFIG_T_NAMES, /* a list of them */
	CONFIG_T_PEERS, /* names, addresses and networks (CIDR) */
	CONFIG_T_HOSTS, /* "name=address" */
	CONFIG_T_ADDRESS, /* transport:host[:port] */
	CONFIG_T_ADDRESSES,
	CONFIG_T_SERVER, /* host[:port] */
	CONFIG_T_SERVERS,
	CONFIG_T_SECRET, /* file:PATH, env:NAME or the secret itself */
	CONFIG_T_WORD, /* one of `words` */
	CONFIG_T_YESNO, /* as WORD, but kept as a bool */
	CONFIG_T_PROFILE, /* one of mapping/profile's rows */
	CONFIG_T_NUMBER,
	CONFIG_T_DURATION, /* in ms */
	CONFIG_T_SIZE, /* in bytes */
	CONFIG_T_RATE, /* so many per second, minute or hour */
	CONFIG_T_PATH, /* absolute */
	CONFIG_T_STORAGE, /* sqlite:PATH */
	CONFIG_T_TEXT,
	CONFIG_T_TEXTS,
	CONFIG_TYPES
};

/* What a key or value that this version only understands means for who sets it. */
enum config_support { CONFIG_WORKS, CONFIG_LATER_WARN, CONFIG_LATER_REFUSE };

struct config_word {
	struct str word; /* empty: end of the list */
	unsigned value;
	enum config_support support;
};

/* Which struct a section's values are written to. */
enum config_target { CONFIG_TO_CONFIG, CONFIG_TO_DOMAIN, CONFIG_TO_ROUTE };

struct config_section {
	struct str name; /* empty: the top level */
	struct str parent; /* empty: the top level */
	bool titled; /* `domain NAME {`, may come more than once */
	enum config_target target;
	enum config_support support;
	struct str help; /* for CONFIG_LATER_*: what does not happen */
};

#define CONFIG_NOWHERE SIZE_MAX
struct config_option {
	struct str section, name;
	enum config_type type;
	bool required;
	struct str fallback; /* as it would stand in the file; empty: none */
	uint64_t min, max; /* of numbers, in the type's unit; of a rate, its count */
	const struct config_word *words;
	size_t at; /* offset in the section's target; CONFIG_NOWHERE: checked, then dropped */
	size_t at_more; /* of the count of a list, the period of a rate */
	size_t line_at; /* where the line goes, an unsigned; 0: nowhere */
	enum config_support support;
	struct str help; /* what it is, in one sentence */
	struct str instead; /* of a key or word that is not yet supported: what happens */
};

const struct config_section *config_section_at(unsigned i); /* NULL past the last; 0 is the top level */
const struct config_section *config_section_find(struct str parent, struct str name);
const struct config_option *config_option_at(unsigned i); /* NULL past the last; sections stay together */
const struct config_option *config_option_find(struct str section, struct str name);
bool config_type_is_list(enum config_type type);
/* What a value of the type looks like, for messages: "a duration such as 30s, 10min or 2h". */
struct str config_type_words(enum config_type type);

#endif
