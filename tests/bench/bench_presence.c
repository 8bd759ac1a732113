/* SPDX-License-Identifier: MIT */
/* What SIP users who watch XMPP users cost the daemon: memory for each live subscription, CPU for each durable set-up, NOTIFYs
 * for each change, the latency of a fan-out, and how soon a kill -9 is over. The real daemon between two fakes on loopback.
 *
 *   bench_presence PATH-TO-TOMBOLO [subscriptions per case, default 20000; the restart has five times as many] */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "mapping/base/alloc.h"
#include "tests/bench/bench_peer.h"
#include "tests/bench/bench_server.h"

enum { WINDOW = 1000, STALLED_MS = 60000, FAN_OUT = 100, SETTLE_MS = 7000 };

static struct bench {
	uv_loop_t loop;
	struct bench_server server;
	struct bench_peer peer;
	uv_prepare_t flush;
	uv_timer_t clock;
	const char *program;
	char folder[64], config[128];
	pid_t daemon;
	uint16_t port;
	unsigned watchers; /* of each XMPP user */
	unsigned routes; /* Record-Routes in a SUBSCRIBE */
	unsigned sent, done, wanted; /* subscriptions; done: the first state was told */
	unsigned char *told; /* by subscription */
	unsigned notifies, states; /* NOTIFYs; those with a document */
	unsigned awaited; /* states until the loop stops; 0: none */
	unsigned char *away; /* by user: 0 available, 1 away */
} b;

static void die(const char *what)
{
	fprintf(stderr, "bench: %s (%u of %u set up, %u NOTIFYs)\n", what, b.done, b.wanted, b.notifies);
	if (b.daemon > 0)
		kill(b.daemon, SIGKILL);
	exit(2);
}

/* -- The daemon */
static double daemon_cpu_us(void)
{
	clockid_t clock;
	struct timespec t;

	if (clock_getcpuclockid(b.daemon, &clock) || clock_gettime(clock, &t))
		die("no CPU clock of the daemon");
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double daemon_rss(void)
{
	char path[64];
	unsigned long size, resident = 0;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)b.daemon);
	FILE *f = fopen(path, "r");

	if (!f || fscanf(f, "%lu %lu", &size, &resident) != 2)
		die("no memory figure of the daemon");
	fclose(f);
	return (double)resident * 4096;
}

static uint16_t free_port(void)
{
	struct sockaddr_in at;
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	uv_ip4_addr("127.0.0.1", 0, &at);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, n) || getsockname(fd, (struct sockaddr *)&at, &n))
		die("no free port");
	close(fd);
	return ntohs(at.sin_port);
}

static void write_config(void)
{
	FILE *f = fopen(b.config, "w");

	if (!f)
		die("cannot write the configuration");
	fprintf(f,
		"node = 127.0.0.1\n"
		"xmpp { server = 127.0.0.1:%u  component = gw.example.test  secret = bench }\n"
		"sip { listen = { tcp:127.0.0.1:%u } }\n"
		"domain sip.test {\n  profile = lync\n  serves = { example.test }\n"
		"  route peer { to = tcp:127.0.0.1:%u }\n}\n"
		"storage { url = \"sqlite:%s/bench.db\" }\n"
		"limits { subscriptions = 2000000 }\n"
		"log { level = warn }\n",
		b.server.port, b.port, b.peer.port, b.folder);
	fclose(f);
}

static void start_daemon(void)
{
	b.daemon = fork();
	if (b.daemon == 0) {
		char log[128];

		snprintf(log, sizeof(log), "%s/bench.log", b.folder);
		dup2(open(log, O_CREAT | O_WRONLY | O_APPEND, 0600), 2);
		execl(b.program, "tombolo", "serve", "-c", b.config, (char *)NULL);
		_exit(127);
	}
}

/* -- The world's clock */
static void on_time(uv_timer_t *timer)
{
	(void)timer;
	uv_stop(&b.loop);
}

static void pass(unsigned ms)
{
	uv_timer_start(&b.clock, on_time, ms, 0);
	uv_run(&b.loop, UV_RUN_DEFAULT);
}

static void on_stall(uv_timer_t *timer)
{
	(void)timer;
	die("no progress");
}

static void run_until_stopped(void)
{
	uv_timer_start(&b.clock, on_stall, STALLED_MS, 0);
	uv_run(&b.loop, UV_RUN_DEFAULT);
	uv_timer_stop(&b.clock);
}

static void on_flush(uv_prepare_t *handle)
{
	(void)handle;
	bench_server_flush(&b.server);
	bench_peer_flush(&b.peer);
}

/* -- The SIP half: watcher number n is bn@sip.test and watches u(n / watchers)@example.test */
static void subscribe(unsigned n)
{
	static const char route[] =
		"Record-Route: <sip:pool0%u.corp.example.test:5061;transport=tls;opaque=state:T:F:Ci."
		"R1a2b3c00;lr;ms-route-sig=aaZxq2Wc8DlGk7yWc0bU5mHnE1sT4vXJ9oPpR3iQ>"
		";tag=A1B2C3D4E5F60718293A4B5C6D7E8F90\r\n";
	struct buf out = { 0 };

	buf_printf(&out,
		"SUBSCRIBE sip:u%u@example.test SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:%u;branch=z9hG4bKs%u\r\n"
		"Max-Forwards: 70\r\nFrom: <sip:b%u@sip.test>;tag=p%u\r\nTo: <sip:u%u@example.test>\r\n"
		"Call-ID: b-%u\r\nCSeq: 1 SUBSCRIBE\r\nEvent: presence\r\nExpires: 7200\r\n"
		"Contact: <sip:b%u@127.0.0.1:%u;transport=tcp>\r\n",
		n / b.watchers, b.peer.port, n, n, n, n / b.watchers, n, n, b.peer.port);
	for (unsigned i = 0; i < b.routes; i++)
		buf_printf(&out, route, i + 1);
	buf_lit(&out, "Content-Length: 0\r\n\r\n");
	bench_peer_send(&b.peer, buf_str(&out));
	buf_finish(&out);
}

static void first_state(unsigned long n)
{
	if (n >= b.sent || b.told[n])
		return;
	b.told[n] = 1;
	b.done++;
	if (b.sent < b.wanted)
		subscribe(b.sent++);
	else if (b.done == b.wanted)
		uv_stop(&b.loop);
}

static void on_request(void *arg, struct str method, struct str message)
{
	struct str call_id = bench_header(message, STR("Call-ID"));

	(void)arg;
	if (!str_eq(method, STR("NOTIFY")))
		return;
	b.notifies++;
	if (!bench_header(message, STR("Content-Type")).n)
		return;
	b.states++;
	if (str_starts(call_id, STR("b-")))
		first_state(strtoul(call_id.p + 2, NULL, 10));
	if (b.awaited && b.states >= b.awaited)
		uv_stop(&b.loop);
}

static void on_response(void *arg, int status, unsigned cseq, struct str message)
{
	(void)arg;
	(void)cseq;
	(void)message;
	if (status >= 300)
		die("the daemon refused");
}

/* -- The XMPP half: everybody is online, and allows everybody */
static void say_state(struct str user, struct str friend)
{
	struct buf out = { 0 };
	unsigned long number = strtoul(user.p + 1, NULL, 10);
	bool away = number <= b.wanted / b.watchers && b.away[number];

	buf_printf(&out, "<presence from='" STR_FMT "/desk' to='" STR_FMT "'>%s</presence>", STR_ARG(user),
		STR_ARG(friend), away ? "<show>away</show>" : "");
	bench_server_write(&b.server, buf_str(&out));
	buf_finish(&out);
}

static void on_presence(void *arg, struct str stanza)
{
	struct str type = bench_attribute(stanza, STR("type"));
	struct str from = bench_attribute(stanza, STR("from")), to = bench_attribute(stanza, STR("to"));

	(void)arg;
	if (str_eq(type, STR("subscribe"))) {
		struct buf out = { 0 };

		buf_printf(&out, "<presence type='subscribed' from='" STR_FMT "' to='" STR_FMT "'/>", STR_ARG(to),
			STR_ARG(from));
		bench_server_write(&b.server, buf_str(&out));
		buf_finish(&out);
	}
	if (str_eq(type, STR("subscribe")) || str_eq(type, STR("probe")))
		say_state(to, from);
}

static void on_message(void *arg, struct str stanza)
{
	(void)arg;
	(void)stanza;
}

/* One user's server tells each of his watchers. */
static void change(unsigned user)
{
	char name[64], friend[64];

	snprintf(name, sizeof(name), "u%u@example.test", user);
	for (unsigned n = user * b.watchers; n < (user + 1) * b.watchers && n < b.wanted; n++) {
		snprintf(friend, sizeof(friend), "b%u@gw.example.test", n);
		say_state(str_c(name), str_c(friend));
	}
}

/* -- Runs */
static void wait_for_link(void)
{
	for (int i = 0; i < 60000 && !b.server.up; i++)
		pass(1);
	if (!b.server.up)
		die("the daemon did not log in");
}

static void open_world(unsigned watchers, unsigned routes)
{
	const char *program = b.program;

	memset(&b, 0, sizeof(b));
	b.program = program;
	b.watchers = watchers;
	b.routes = routes;
	uv_loop_init(&b.loop);
	uv_timer_init(&b.loop, &b.clock);
	b.server.message = on_message;
	b.server.presence = on_presence;
	b.peer.request = on_request;
	b.peer.response = on_response;
	bench_server_listen(&b.server, &b.loop);
	bench_peer_open(&b.peer, &b.loop, true);
	uv_prepare_init(&b.loop, &b.flush);
	uv_prepare_start(&b.flush, on_flush);
	snprintf(b.folder, sizeof(b.folder), "/tmp/tombolo-bench-XXXXXX");
	if (!mkdtemp(b.folder))
		die("no temporary folder");
	snprintf(b.config, sizeof(b.config), "%s/bench.conf", b.folder);
	b.port = free_port();
	write_config();
	start_daemon();
	wait_for_link();
	pass(500); /* it calibrates its barrier first */
	bench_peer_connect(&b.peer, b.port);
}

static void close_world(void)
{
	char remove[96];
	int status;

	kill(b.daemon, SIGKILL);
	waitpid(b.daemon, &status, 0);
	free(b.told);
	free(b.away);
	snprintf(remove, sizeof(remove), "rm -r %s", b.folder);
	if (system(remove))
		die("the temporary folder would not go");
}

static void set_up(unsigned count)
{
	b.wanted = count;
	b.told = alloc_array(count, sizeof(*b.told));
	b.away = alloc_array(count / b.watchers + 1, sizeof(*b.away));
	while (b.sent < count && b.sent < WINDOW)
		subscribe(b.sent++);
	run_until_stopped();
}

static void memory_and_set_up(unsigned count, unsigned routes)
{
	open_world(25, routes);
	double rss = daemon_rss(), cpu = daemon_cpu_us(), begun = (double)uv_hrtime();

	set_up(count);
	double seconds = ((double)uv_hrtime() - begun) / 1e9;

	cpu = daemon_cpu_us() - cpu;
	pass(SETTLE_MS);
	printf("set-up, %u Record-Routes: %u subscriptions  %.0f B RSS each  %.1f us CPU each  %.2f NOTIFYs each  "
	       "%.0f/s\n",
		routes, count, (daemon_rss() - rss) / count, cpu / count, (double)b.notifies / count, count / seconds);
	fflush(stdout);
	close_world();
}

static double fan_out(unsigned user)
{
	double begun = (double)uv_hrtime();

	b.away[user] = !b.away[user];
	b.awaited = b.states + b.watchers;
	change(user);
	run_until_stopped();
	b.awaited = 0;
	return ((double)uv_hrtime() - begun) / 1e6;
}

static void notifies_and_latency(void)
{
	open_world(25, 0);
	set_up(500);
	pass(SETTLE_MS);
	unsigned setup = b.notifies;

	for (unsigned user = 0; user < 20; user++)
		fan_out(user);
	pass(SETTLE_MS);
	printf("fan-out: 500 subscriptions, 25 watchers each: %u NOTIFYs to set up, %.2f for one change\n", setup,
		(b.notifies - setup) / 20.0);
	close_world();
	open_world(FAN_OUT, 0);
	set_up(FAN_OUT);
	pass(SETTLE_MS);
	double first = fan_out(0);

	pass(SETTLE_MS);
	printf("fan-out: one change to %u watchers: %.1f ms, again %.1f ms\n", FAN_OUT, first, fan_out(0));
	fflush(stdout);
	close_world();
}

static void restart(unsigned count)
{
	int status;

	open_world(25, 1);
	set_up(count);
	pass(SETTLE_MS);
	b.server.forgives = b.peer.forgives = true;
	kill(b.daemon, SIGKILL);
	waitpid(b.daemon, &status, 0);
	pass(100);
	unsigned before = b.notifies;
	double begun = (double)uv_hrtime();

	start_daemon();
	wait_for_link();
	double ready = ((double)uv_hrtime() - begun) / 1e6;

	fan_out(count / b.watchers - 1);
	double first = ((double)uv_hrtime() - begun) / 1e6;

	pass(SETTLE_MS);
	printf("kill -9 with %u stored dialogs: logged in again after %.0f ms, a change has reached 25 watchers after "
	       "%.0f ms; "
	       "%u NOTIFYs in all\n",
		count, ready, first, b.notifies - before);
	close_world();
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 10) : 20000;

	if (argc < 2 || count < 100 || count > 1000000) {
		fprintf(stderr, "usage: bench_presence PATH-TO-TOMBOLO [SUBSCRIPTIONS]\n");
		return 64;
	}
	b.program = argv[1];
	signal(SIGPIPE, SIG_IGN);
	for (unsigned routes = 0; routes <= 2; routes++)
		memory_and_set_up((unsigned)count, routes);
	notifies_and_latency();
	restart((unsigned)count * 5);
	return 0;
}
