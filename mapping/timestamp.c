/* SPDX-License-Identifier: MIT */
#include "mapping/timestamp.h"

#include <time.h>

enum { MINUTE_MS = 60 * 1000, LAST_YEAR = 9999 };

/* n digits off the front, between the bounds. */
static bool take_number(struct str *text, size_t n, unsigned least, unsigned most, int *out)
{
	uint64_t value;

	if (text->n < n || !str_number(str_cut(*text, 0, n), most, &value) || value < least)
		return false;
	*text = str_cut(*text, n, text->n);
	*out = (int)value;
	return true;
}

static bool take_char(struct str *text, char c)
{
	if (text->n == 0 || text->p[0] != c)
		return false;
	*text = str_cut(*text, 1, text->n);
	return true;
}

static bool take_date(struct str *text, struct tm *tm)
{
	if (!take_number(text, 4, 1970, LAST_YEAR, &tm->tm_year) || !take_char(text, '-') ||
		!take_number(text, 2, 1, 12, &tm->tm_mon) || !take_char(text, '-') ||
		!take_number(text, 2, 1, 31, &tm->tm_mday))
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon -= 1;
	return true;
}

static bool take_time(struct str *text, struct tm *tm)
{
	return take_char(text, 'T') && take_number(text, 2, 0, 24, &tm->tm_hour) && take_char(text, ':') &&
	       take_number(text, 2, 0, 59, &tm->tm_min) && take_char(text, ':') &&
	       take_number(text, 2, 0, 60, &tm->tm_sec);
}

/* ".5" is 500; digits after the third say nothing we keep. */
static bool take_fraction(struct str *text, int *ms)
{
	int digit, worth = 100;

	*ms = 0;
	if (!take_char(text, '.'))
		return true;
	if (text->n == 0 || text->p[0] < '0' || text->p[0] > '9')
		return false;
	for (; take_number(text, 1, 0, 9, &digit); worth /= 10)
		*ms += digit * worth;
	return true;
}

static bool take_zone(struct str *text, int *minutes)
{
	int hour, minute;

	*minutes = 0;
	if (text->n == 0 || take_char(text, 'Z'))
		return true;
	bool west = take_char(text, '-');

	if ((!west && !take_char(text, '+')) || !take_number(text, 2, 0, 14, &hour) || !take_char(text, ':') ||
		!take_number(text, 2, 0, 59, &minute))
		return false;
	*minutes = (hour * 60 + minute) * (west ? -1 : 1);
	return true;
}

bool map_timestamp_read(struct str text, int64_t *out)
{
	struct tm tm = { 0 };
	int ms, zone;

	text = str_trim(text);
	if (!take_date(&text, &tm) || !take_time(&text, &tm) || !take_fraction(&text, &ms) ||
		!take_zone(&text, &zone) || text.n)
		return false;
	int64_t unix_ms = (int64_t)timegm(&tm) * 1000 + ms - (int64_t)zone * MINUTE_MS;

	if (unix_ms < 0)
		return false;
	*out = unix_ms;
	return true;
}

struct str map_timestamp_print(struct arena *a, int64_t unix_ms)
{
	time_t seconds = (time_t)(unix_ms / 1000);
	int ms = (int)(unix_ms % 1000);
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm);
	struct str day = arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		tm.tm_hour, tm.tm_min, tm.tm_sec);

	return ms ? arena_printf(a, STR_FMT ".%03dZ", STR_ARG(day), ms) : arena_printf(a, STR_FMT "Z", STR_ARG(day));
}
