/* SPDX-License-Identifier: MIT */
/* Answers of a peer, and their absence, as results. */
#ifndef TOMBOLO_OUTCOME_H
#define TOMBOLO_OUTCOME_H

#include "sipside/usage/dialog.h"

/* A final answer. usage: of which dialog usage; NULL: outside any. Strings are borrowed from m. */
struct s_result outcome_of_answer(const struct sipside_msg *m, const enum dialog_usage *usage);
/* No final answer came. */
struct s_result outcome_of_failure(
	enum reason why, struct str words, bool not_processed, enum s_method method, const enum dialog_usage *usage);
/* A local reason, nothing left us. */
struct s_result outcome_unsent(enum reason why);

#endif
