/* SPDX-License-Identifier: MIT */
/* The findings of `tombolo check`, as lines for people or as JSON. */
#ifndef TOMBOLO_CHECK_REPORT_H
#define TOMBOLO_CHECK_REPORT_H

#include <stdbool.h>
#include "component/exit_codes.h"
#include "mapping/base/arena.h"

enum check_state { CHECK_PASS, CHECK_SKIP, CHECK_WARN, CHECK_FAIL, CHECK_STATES };

/* Findings are printed in this order, within a part by their place in the configuration, whenever they became known. */
enum check_part { CHECK_CONFIG, CHECK_STORAGE, CHECK_XMPP, CHECK_LISTEN, CHECK_CERTIFICATE, CHECK_ROUTE };

struct check_finding {
	struct check_finding *next;
	unsigned place;
	enum check_state state;
	struct str subject; /* config, storage, xmpp, listen, route NAME */
	struct str found;
	struct str consequence, remedy; /* empty: none */
};
struct check_report {
	struct arena arena;
	struct check_finding *first;
	unsigned place; /* of what is added now */
	unsigned counts[CHECK_STATES];
};

void check_report_init(struct check_report *r);
/* Where the findings stand that are added from now on. index: below 65536. */
void check_at(struct check_report *r, enum check_part part, unsigned index);
/* Strings are copied. The result may be given a consequence and a remedy with check_advise(). */
struct check_finding *check_add(struct check_report *r, enum check_state state, struct str subject, const char *fmt,
	...) __attribute__((format(printf, 4, 5)));
void check_advise(struct check_report *r, struct check_finding *f, const char *consequence, const char *remedy);
/* {"findings":[{"subject":...,"state":"pass",...}],"warnings":N,"problems":N} */
void check_print_json(const struct check_report *r, struct buf *out);
void check_print_text(const struct check_report *r, struct buf *out);
enum exit_code check_exit(const struct check_report *r);
void check_report_finish(struct check_report *r);

#endif
