/* SPDX-License-Identifier: MIT */
#include "mapping/diagnosis.h"

static const struct str filtered =
	STR_INIT("A filter of the other chat system refused the text, as it does with links; it "
		 "was not delivered. Write it differently.");
#define NO_USER "Nobody of this address uses the other chat system. Check how it is written."
#define POLICY "The rules of the other chat system do not allow this contact. Ask your administrator."
#define ROUTING                                                                                                        \
	"The other chat system cannot find the way to this contact; nothing was delivered. Tell your administrator."
#define TRUST "The other chat system does not trust its next server; nothing was delivered. Tell your administrator."

static const struct {
	int diagnosis;
	struct str sentence;
} rows[] = {
	{ 1001, STR_INIT(POLICY) },
	{ 1002, STR_INIT(POLICY) },
	{ 1003, STR_INIT(NO_USER) },
	{ 1005, STR_INIT(ROUTING) },
	{ 1007, STR_INIT(ROUTING) },
	{ 1008, STR_INIT(ROUTING) },
	{ 1009, STR_INIT(ROUTING) },
	{ 1010, STR_INIT(TRUST) },
	{ 1012, STR_INIT(POLICY) },
	{ 1014, STR_INIT(ROUTING) },
	{ 1047, STR_INIT(TRUST) },
	{ 4003, STR_INIT(POLICY) },
	{ 4004, STR_INIT(POLICY) },
	{ 4005, STR_INIT(NO_USER) },
	{ 4141, STR_INIT("This contact is no longer enabled in the other chat system.") },
	{ MAP_DIAGNOSIS_SAME_CONVERSATION, STR_INIT("Your contact's program still has an older window of this "
						    "conversation open; nothing was delivered. "
						    "Try again in a minute.") },
};

struct str map_diagnosis_sentence(const struct s_result *r)
{
	if (r->status == 606 && r->warning == MAP_WARNING_FILTER)
		return filtered;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].diagnosis == r->diagnosis)
			return rows[i].sentence;
	return STR_NONE;
}
