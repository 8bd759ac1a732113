/* SPDX-License-Identifier: MIT */
#include "component/operate/check_tls.h"

#include <string.h>
#include <time.h>

static long long days_left(const struct sipside_certificate *c, int64_t unix_ms)
{
	return (long long)((c->until_ms - unix_ms) / (24 * 3600 * 1000LL));
}

/* "2026-12-04" */
static void write_date(int64_t unix_ms, char out[16])
{
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(out, 16, "%Y-%m-%d", &tm);
}

void check_own_certificate(struct check_report *r, const struct config *c, const struct sipside *sip, int64_t unix_ms)
{
	struct sipside_certificate own;
	struct check_finding *f;
	char date[16];

	if (!sipside_own_certificate(sip, &own))
		return;
	long long days = days_left(&own, unix_ms);

	write_date(own.until_ms, date);
	if (own.until_ms <= unix_ms) {
		f = check_add(r, CHECK_FAIL, STR("certificate"), STR_FMT " expired on %s", STR_ARG(c->tls.cert), date);
		check_advise(r, f, "Every TLS peer refuses us.",
			"renew it, then send tombolo SIGHUP: systemctl reload tombolo");
	} else if (days <= CHECK_CERTIFICATE_DAYS) {
		f = check_add(r, CHECK_WARN, STR("certificate"), STR_FMT " expires in %lld day%s (%s)",
			STR_ARG(c->tls.cert), days, days == 1 ? "" : "s", date);
		check_advise(r, f, NULL, "renew it, then send tombolo SIGHUP: systemctl reload tombolo");
	} else {
		check_add(r, CHECK_PASS, STR("certificate"), STR_FMT " of " STR_FMT ", %lld more days (%s)",
			STR_ARG(c->tls.cert), STR_ARG(own.names), days, date);
	}
	if (!own.proves_node) {
		f = check_add(r, CHECK_WARN, STR("certificate"), STR_FMT " is of " STR_FMT ", not of node = " STR_FMT,
			STR_ARG(c->tls.cert), STR_ARG(own.names), STR_ARG(c->node));
		check_advise(r, f, "Peers that call us by this name close the connection.",
			"reissue it with this name (subjectAltName), or set node to a name it holds");
	}
}

enum check_state check_peer_certificate(const struct sipside_certificate *peer, int64_t unix_ms, struct buf *words)
{
	long long days = days_left(peer, unix_ms);

	buf_printf(words, "%s, certificate of " STR_FMT ", %lld more day%s", peer->version, STR_ARG(peer->names), days,
		days == 1 ? "" : "s");
	return days <= CHECK_CERTIFICATE_DAYS ? CHECK_WARN : CHECK_PASS;
}

const char *check_own_remedy(struct str words)
{
	if (words.n && memmem(words.p, words.n, STR("does not belong").p, STR("does not belong").n))
		return "sip.key has to be the key that the certificate in sip.cert was requested with";
	if (str_starts(words, STR("sip.")))
		return "correct this file, or the path in the configuration";
	return "see tombolo.conf(5)";
}

const char *check_tls_remedy(struct str words)
{
	static const struct {
		const char *said, *remedy;
	} rows[] = {
		{ "certificate is for",
			"reissue the peer's certificate with this name, or let the route use a name it holds" },
		{ "unknown CA",
			"put that CA's certificate into the file of sip.ca, or let the peer send its whole chain" },
		{ "not valid before", "set both clocks, or wait" },
		{ "revocation list", "put a fresh list into the file of sip.crl" },
		{ "sip.crl holds no list", "add that CA's list to the file of sip.crl" },
		{ "expired", "renew the peer's certificate (Lync: Request-CsCertificate)" },
		{ "extended key usage", "reissue the certificate for both server and client authentication (Lync: "
					"Request-CsCertificate -ClientEku $true)" },
		{ "CA of our certificate", "install the CA of our certificate as a trusted root on the peer" },
		{ "our certificate",
			"the peer's log says why; it has to know our CA and expect the name in our certificate" },
		{ "TLS version", "update the peer; if it cannot be, set sip.tls-min = 1.0" },
		{ "does not speak TLS", "is this the peer's TLS port? 5061 is usual" },
	};

	for (size_t i = 0; words.n && i < sizeof(rows) / sizeof(*rows); i++)
		if (memmem(words.p, words.n, rows[i].said, strlen(rows[i].said)))
			return rows[i].remedy;
	return "openssl s_client -connect HOST:PORT -showcerts shows what the peer says";
}
