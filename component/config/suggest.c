/* SPDX-License-Identifier: MIT */
#include "component/config/suggest.h"

#include <ctype.h>

enum { LONGEST = 31 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

static bool same(struct str a, size_t i, struct str b, size_t j)
{
	return tolower((unsigned char)a.p[i]) == tolower((unsigned char)b.p[j]);
}

unsigned suggest_distance(struct str a, struct str b)
{
	unsigned d[LONGEST + 1][LONGEST + 1];

	if (a.n > LONGEST || b.n > LONGEST)
		return SUGGEST_FAR;
	for (size_t i = 0; i <= a.n; i++)
		d[i][0] = (unsigned)i;
	for (size_t j = 0; j <= b.n; j++)
		d[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++)
		for (size_t j = 1; j <= b.n; j++) {
			unsigned replace = d[i - 1][j - 1] + !same(a, i - 1, b, j - 1);

			d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1, replace);
			if (i > 1 && j > 1 && same(a, i - 1, b, j - 2) && same(a, i - 2, b, j - 1) &&
				d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	return d[a.n][b.n];
}

void suggest_try(struct suggest *s, struct str known)
{
	unsigned distance = suggest_distance(s->word, known);
	size_t longer = s->word.n > known.n ? s->word.n : known.n;

	/* A third of the word may be wrong, else anything is like anything. */
	if (distance > (longer + 2) / 3 || (s->best.n && distance >= s->distance))
		return;
	s->best = known;
	s->distance = distance;
}
