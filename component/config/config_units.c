/* SPDX-License-Identifier: MIT */
#include "component/config/config_units.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

/* -- Numbers with units */

struct unit {
	struct str word;
	uint64_t factor;
};

/* The digits in front, the rest behind; at most 10^12, so that no unit overflows. */
static bool split_number(struct str text, uint64_t *number, struct str *rest)
{
	size_t digits = 0;

	while (digits < text.n && isdigit((unsigned char)text.p[digits]))
		digits++;
	*rest = str_trim(str_cut(text, digits, text.n));
	return digits && str_number(str_cut(text, 0, digits), 1000000000000, number);
}

static const struct unit *find_unit(const struct unit *units, struct str word)
{
	for (; units->word.n; units++)
		if (str_eq(units->word, word))
			return units;
	return NULL;
}

/* The unit behind the number; NULL: no number, or no such unit. */
static const struct unit *read_number_and_unit(struct str text, const struct unit *units, uint64_t *number)
{
	struct str rest;

	return split_number(text, number, &rest) ? find_unit(units, rest) : NULL;
}

static bool read_with_unit(struct str text, const struct unit *units, uint64_t *out)
{
	uint64_t number;
	const struct unit *u = read_number_and_unit(text, units, &number);

	if (!u)
		return false;
	*out = number * u->factor;
	return true;
}

bool config_read_duration(struct str text, uint64_t *ms)
{
	static const struct unit units[] = { { STR_INIT("ms"), 1 }, { STR_INIT("s"), 1000 }, { STR_INIT("min"), 60000 },
		{ STR_INIT("h"), 3600000 }, { STR_INIT("d"), 86400000 }, { STR_INIT(""), 0 } };

	return read_with_unit(text, units, ms);
}

bool config_read_size(struct str text, uint64_t *bytes)
{
	static const struct unit units[] = { { STR_INIT("B"), 1 }, { STR_INIT("KiB"), 1024 },
		{ STR_INIT("MiB"), 1048576 }, { STR_INIT(""), 0 } };

	return read_with_unit(text, units, bytes);
}

bool config_read_rate(struct str text, uint64_t *count, uint64_t *per_ms)
{
	static const struct unit units[] = { { STR_INIT("/s"), 1000 }, { STR_INIT("/min"), 60000 },
		{ STR_INIT("/h"), 3600000 }, { STR_INIT(""), 0 } };
	uint64_t number;
	const struct unit *u = read_number_and_unit(text, units, &number);

	if (!u)
		return false;
	*count = number;
	*per_ms = u->factor;
	return true;
}

/* -- Names and addresses */

static bool is_label(struct str label)
{
	if (!label.n || label.n > 63 || label.p[0] == '-' || label.p[label.n - 1] == '-')
		return false;
	for (size_t i = 0; i < label.n; i++)
		if (!isalnum((unsigned char)label.p[i]) && label.p[i] != '-' && label.p[i] != '_')
			return false;
	return true;
}

static bool is_host_name(struct str text)
{
	if (!text.n || text.n > 253)
		return false;
	while (text.n) {
		bool more = str_find(text, '.') < text.n;

		if (!is_label(str_next(&text, '.')) || (more && !text.n))
			return false;
	}
	return true;
}

static bool is_ip(struct str text, int family)
{
	char literal[INET6_ADDRSTRLEN];
	unsigned char binary[16];

	if (!text.n || text.n >= sizeof(literal))
		return false;
	memcpy(literal, text.p, text.n);
	literal[text.n] = '\0';
	return inet_pton(family, literal, binary) == 1;
}

/* "1.2.3" and "10.0.0.999" are mistyped addresses, never names: the last label of a name has a letter (RFC 1123 2.1). */
static bool looks_numeric(struct str text)
{
	size_t i = text.n;

	while (i && text.p[i - 1] != '.')
		if (!isdigit((unsigned char)text.p[--i]))
			return false;
	return true;
}

bool config_read_name(struct arena *a, struct str text, struct str *out)
{
	char *lower;

	if (!is_ip(text, AF_INET) && !is_ip(text, AF_INET6) && (!is_host_name(text) || looks_numeric(text)))
		return false;
	lower = (char *)arena_str(a, text).p;
	for (size_t i = 0; i < text.n; i++)
		lower[i] = (char)tolower((unsigned char)lower[i]);
	*out = (struct str){ lower, text.n };
	return true;
}

bool config_read_peer(struct arena *a, struct str text, struct str *out)
{
	size_t slash = str_find(text, '/');
	struct str network = str_cut(text, 0, slash);
	uint64_t bits;

	if (slash == text.n)
		return config_read_name(a, text, out);
	if (!is_ip(network, AF_INET) && !is_ip(network, AF_INET6))
		return false;
	if (!str_number(str_cut(text, slash + 1, text.n), is_ip(network, AF_INET) ? 32 : 128, &bits))
		return false;
	*out = arena_str(a, text);
	return true;
}

/* "host", "host:port", "[v6]", "[v6]:port"; *port_text empty: none. */
static bool split_host_port(struct str text, struct str *host, struct str *port_text)
{
	size_t end;

	*port_text = STR_NONE;
	if (text.n && text.p[0] == '[') {
		end = str_find(text, ']');
		*host = str_cut(text, 1, end);
		text = str_cut(text, end + 1, text.n);
		if (!is_ip(*host, AF_INET6) || (text.n && text.p[0] != ':'))
			return false;
		*port_text = str_cut(text, 1, text.n);
		return !text.n || port_text->n;
	}
	end = str_find(text, ':');
	*host = str_cut(text, 0, end);
	*port_text = str_cut(text, end + 1, text.n);
	return end == text.n || port_text->n;
}

bool config_read_server(struct arena *a, struct str text, struct str *host, uint16_t *port)
{
	struct str name, port_text, lower;
	uint64_t number = 0;

	if (!split_host_port(text, &name, &port_text) || !config_read_name(a, name, &lower))
		return false;
	if (port_text.n && (!str_number(port_text, UINT16_MAX, &number) || !number))
		return false;
	*host = lower;
	*port = (uint16_t)number;
	return true;
}

static bool read_transport(struct str word, enum sipside_transport *out)
{
	static const struct {
		struct str word;
		enum sipside_transport transport;
	} rows[] = {
		{ STR_INIT("udp"), SIPSIDE_UDP },
		{ STR_INIT("tcp"), SIPSIDE_TCP },
		{ STR_INIT("tls"), SIPSIDE_TLS },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (str_eq_nocase(rows[i].word, word)) {
			*out = rows[i].transport;
			return true;
		}
	return false;
}

bool config_read_address(struct arena *a, struct str text, struct sipside_address *out, bool *explicit_zero)
{
	struct sipside_address address = { .port = 0 };
	struct str port_text, name;
	uint64_t number = 0;

	if (str_find(text, ':') == text.n || !read_transport(str_next(&text, ':'), &address.transport))
		return false;
	if (!split_host_port(text, &name, &port_text) || !config_read_name(a, name, &address.host))
		return false;
	if (port_text.n && !str_number(port_text, UINT16_MAX, &number))
		return false;
	address.port = (uint16_t)number;
	*explicit_zero = port_text.n && !number;
	*out = address;
	return true;
}
