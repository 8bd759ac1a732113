/* SPDX-License-Identifier: MIT */
/* RFC 3263 against a real name server (dnsmasq) on a port of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "sipside/locate/locating.h"
#include "tests/lib/uv_env.h"

static pid_t server;
static uint16_t server_port;

static uint16_t free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	close(fd);
	return ntohs(at.sin_port);
}

static bool is_listening(void)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons(server_port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool yes = connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0;

	close(fd);
	return yes;
}

static void become_server(char *port)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execlp("dnsmasq", "dnsmasq", "--no-daemon", "--conf-file=/dev/null",
		"--pid-file=", "--user=", "--group=", "--no-resolv", "--no-hosts", "--bind-interfaces",
		"--listen-address=127.0.0.1", port, "--local=/test/", "--host-record=fe1.test,127.0.0.11",
		"--host-record=fe2.test,127.0.0.12", "--host-record=six.test,::1",
		"--host-record=plain.test,127.0.0.13", "--srv-host=_sip._tcp.corp.test,fe2.test,5072,20",
		"--srv-host=_sip._tcp.corp.test,fe1.test,5071,10", "--srv-host=_sip._udp.corp.test,six.test,5073",
		"--srv-host=_sips._tcp.corp.test,fe1.test,5081", "--srv-host=_sip._tcp.half.test,gone.test,5070,10",
		"--srv-host=_sip._tcp.half.test,fe2.test,5072,20", "--srv-host=_sip._tcp.none.test,.,0",
		"--naptr-record=corp.test,20,10,s,SIP+D2U,,_sip._udp.corp.test",
		"--naptr-record=corp.test,10,10,s,SIP+D2T,,_sip._tcp.corp.test",
		"--naptr-record=corp.test,1,10,s,H323+D2T,,_h323.corp.test", (char *)NULL);
	_exit(127);
}

/* Not there: the tests are skipped, which cmocka says. */
static int start_server(void **state)
{
	char port[32];
	bool answers = false;

	(void)state;
	server_port = free_port();
	snprintf(port, sizeof(port), "--port=%u", server_port);
	server = fork();
	if (server == 0)
		become_server(port);
	for (int i = 0; i < 500 && !answers; i++) {
		int status;

		if (waitpid(server, &status, WNOHANG) == server) {
			server = 0;
			return 0;
		}
		usleep(10000);
		answers = is_listening();
	}
	return 0;
}

static int stop_server(void **state)
{
	(void)state;
	if (server) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	return 0;
}

/* -- Asking */

struct asking {
	struct uv_env uv;
	struct locate locate;
	struct locating locating;
	bool done;
};

static void open_asking(struct asking *k)
{
	struct str servers;

	if (!server)
		skip();
	memset(k, 0, sizeof(*k));
	uv_env_init(&k->uv);
	locate_init(&k->locate, &k->uv.fake.env);
	servers = arena_printf(&k->uv.fake.turn, "127.0.0.1:%u", server_port);
	assert_true(resolver_name_servers(k->locate.resolver, servers));
}

static void close_asking(struct asking *k)
{
	locating_cancel(&k->locating);
	locate_finish(&k->locate);
	uv_env_finish(&k->uv);
}

static void on_done(void *arg)
{
	((struct asking *)arg)->done = true;
}

static bool is_done(void *arg)
{
	return ((struct asking *)arg)->done;
}

/* What is found, as "tcp:127.0.0.11:5071 ". */
static const char *find(struct asking *k, const char *host, uint16_t port, enum sipside_transport t, bool any)
{
	static const char *const words[] = { "udp", "tcp", "tls" };
	static char text[512];
	const struct sipside_address to = { t, str_c(host), port };
	size_t n = 0;

	k->locating.done = on_done;
	k->locating.arg = k;
	k->done = locating_start(&k->locating, &k->locate, &to, any);
	uv_env_until(&k->uv, is_done, k);
	text[0] = 0;
	for (unsigned i = 0; i < k->locating.found.count; i++) {
		struct sipside_target at = locating_target(&k->locating, i);
		struct str numeric = sipside_target_host(&k->uv.fake.env, &at);

		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s:" STR_FMT ":%u ", words[at.transport],
			STR_ARG(numeric), sipside_target_port(&at));
	}
	return text;
}

static void priorities_of_srv(void **state)
{
	struct asking k;

	(void)state;
	open_asking(&k);
	assert_string_equal(find(&k, "corp.test", 0, SIPSIDE_TCP, false), "tcp:127.0.0.11:5071 tcp:127.0.0.12:5072 ");
	assert_string_equal(find(&k, "CORP.test", 0, SIPSIDE_TLS, false), "tls:127.0.0.11:5081 ");
	assert_string_equal(find(&k, "corp.test", 0, SIPSIDE_UDP, false), "udp:::1:5073 "); /* AAAA alone */
	assert_string_equal(
		find(&k, "half.test", 0, SIPSIDE_TCP, false), "tcp:127.0.0.12:5072 "); /* one has no address */
	assert_string_equal(find(&k, "none.test", 0, SIPSIDE_TCP, false), ""); /* "." */
	close_asking(&k);
}

static void no_srv_where_the_port_is_said(void **state)
{
	struct asking k;

	(void)state;
	open_asking(&k);
	assert_string_equal(find(&k, "corp.test", 5060, SIPSIDE_TCP, false), ""); /* it has no address of its own */
	assert_string_equal(find(&k, "fe1.test", 6000, SIPSIDE_TCP, false), "tcp:127.0.0.11:6000 ");
	assert_string_equal(find(&k, "127.0.0.1", 0, SIPSIDE_TLS, false), "tls:127.0.0.1:5061 ");
	assert_string_equal(find(&k, "[::1]", 0, SIPSIDE_UDP, true), "udp:::1:5060 ");
	assert_string_equal(find(&k, "plain.test", 0, SIPSIDE_TCP, false), "tcp:127.0.0.13:5060 "); /* no SRV: itself */
	assert_true(resolver_add_host(k.locate.resolver, STR("corp.test"), STR("127.0.0.99")));
	assert_string_equal(find(&k, "corp.test", 0, SIPSIDE_TCP, false), "tcp:127.0.0.99:5060 "); /* `hosts` wins */
	close_asking(&k);
}

static void naptr_chooses_the_transport(void **state)
{
	struct asking k;

	(void)state;
	open_asking(&k);
	assert_string_equal(find(&k, "corp.test", 0, SIPSIDE_UDP, true), "tcp:127.0.0.11:5071 tcp:127.0.0.12:5072 ");
	assert_string_equal(
		find(&k, "half.test", 0, SIPSIDE_UDP, true), "tcp:127.0.0.12:5072 "); /* SRV without NAPTR */
	assert_string_equal(find(&k, "plain.test", 0, SIPSIDE_UDP, true), "udp:127.0.0.13:5060 ");
	close_asking(&k);
}

/* The server is gone, what it said is known for a minute; that there is nothing, for ten seconds. */
static void answers_are_kept(void **state)
{
	struct asking k;

	(void)state;
	open_asking(&k);
	assert_string_equal(find(&k, "fe1.test", 1, SIPSIDE_TCP, false), "tcp:127.0.0.11:1 ");
	assert_string_equal(find(&k, "no.test", 1, SIPSIDE_TCP, false), "");
	for (int i = 0; i < 2; i++) {
		struct sipside_address to = { SIPSIDE_TCP, i ? STR("no.test") : STR("fe1.test"), 1 };

		fake_env_advance(&k.uv.fake, 9000);
		assert_true(locating_start(&k.locating, &k.locate, &to, false) == (i == 0));
		locating_cancel(&k.locating);
	}
	close_asking(&k);
}

static void weights_are_chances(void **state)
{
	struct fake_env fake;
	unsigned first[3] = { 0 };

	(void)state;
	fake_env_init(&fake);
	for (int i = 0; i < 10000; i++) {
		struct resolver_record r[4] = { { .order = 5, .weight = 60, .port = 1 },
			{ .order = 5, .weight = 30, .port = 2 }, { .order = 9, .weight = 1, .port = 4 },
			{ .order = 5, .weight = 10, .port = 3 } };

		locating_order(r, 4, &fake.env);
		assert_int_equal(r[3].port, 4);
		assert_int_equal(r[0].port + r[1].port + r[2].port, 6);
		first[r[0].port - 1]++;
	}
	assert_in_range(first[0], 5700, 6300);
	assert_in_range(first[1], 2700, 3300);
	assert_in_range(first[2], 800, 1200);
	fake_env_finish(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(priorities_of_srv),
		cmocka_unit_test(no_srv_where_the_port_is_said),
		cmocka_unit_test(naptr_chooses_the_transport),
		cmocka_unit_test(answers_are_kept),
		cmocka_unit_test(weights_are_chances),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
