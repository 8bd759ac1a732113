/* SPDX-License-Identifier: MIT */
#include "mapping/show.h"

static const struct str words[X_SHOWS] = {
	[X_SHOW_NONE] = STR_INIT(""),
	[X_SHOW_CHAT] = STR_INIT("chat"),
	[X_SHOW_AWAY] = STR_INIT("away"),
	[X_SHOW_XA] = STR_INIT("xa"),
	[X_SHOW_DND] = STR_INIT("dnd"),
};

struct str map_show_word(enum x_show show)
{
	return words[show];
}

enum x_show map_show_read(struct str word)
{
	for (unsigned i = 0; i < X_SHOWS; i++)
		if (str_eq(word, words[i]))
			return (enum x_show)i;
	return X_SHOW_NONE;
}
