/* SPDX-License-Identifier: MIT */
/* The words, strings and marks of a configuration text, quote-aware; comments are blanked in place as they are passed. */
#ifndef TOMBOLO_CONFIG_TOKEN_H
#define TOMBOLO_CONFIG_TOKEN_H

#include "component/config/config_fault.h"

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_MARK };
struct token {
	enum token_kind kind;
	struct str
		text; /* of a string: without its quotes, escapes as they stand; of a mark: the one character of ={}, */
	unsigned line;
};

struct tokens {
	struct token now;
	char *p; /* the text, written to where comments are */
	size_t n, at;
	unsigned line;
	struct config_faults *faults;
};

/* `text` is writable memory. The first token is there after the first token_next. */
void tokens_init(struct tokens *t, struct str text, struct config_faults *faults);
void token_next(struct tokens *t);
bool token_is(const struct tokens *t, char mark);
bool token_is_value(const struct tokens *t); /* a word or a string */

#endif
