/* SPDX-License-Identifier: MIT */
/* What one bridged message costs the daemon: CPU per message both ways, latency at a steady rate, memory per session.
 * Starts the real daemon (argv[1]) between a fake component server and a fake SIP peer, all on loopback.
 *
 *   bench_bridge PATH-TO-TOMBOLO [messages per case, default 100000] [one case, as in simple/udp/x2s]
 *
 * CPU is the daemon's own (clock of its process), so noise on the machine matters little; quote ratios, not single runs. */
#include <fcntl.h>
#include <inttypes.h>
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

enum { PAIRS = 200, WINDOW = 64, WARM_UP = 5000, STEADY_PER_MS = 1, STEADY_MESSAGES = 10000 };

struct bench_case {
	const char *profile;
	bool tcp, to_sip; /* direction: x2s */
};

/* What the daemon told the peer about the session of one pair. */
struct session {
	struct str call_id, daemon_from, contact;
	unsigned cseq;
};

static struct bench {
	uv_loop_t loop;
	struct bench_server server;
	struct bench_peer peer;
	pid_t daemon;
	uint16_t daemon_port;
	char folder[64];
	const struct bench_case *now;
	struct session sessions[PAIRS];
	unsigned opened, sent, done, wanted, window, failed;
	unsigned serial; /* never used twice: ids and branches */
	uint64_t *sent_ns, *latency_ns; /* by message number */
	uv_prepare_t flush;
	uv_timer_t pace;
} b;

static void die(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	if (b.daemon > 0)
		kill(b.daemon, SIGKILL);
	exit(2);
}

/* -- The daemon */

static uint64_t daemon_cpu_ns(void)
{
	clockid_t clock;
	struct timespec t;

	if (clock_getcpuclockid(b.daemon, &clock) || clock_gettime(clock, &t))
		die("no CPU clock of the daemon");
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t daemon_rss_bytes(void)
{
	char path[64];
	unsigned long size, resident = 0;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)b.daemon);
	FILE *f = fopen(path, "r");

	if (!f || fscanf(f, "%lu %lu", &size, &resident) != 2)
		die("no memory figure of the daemon");
	fclose(f);
	return (uint64_t)resident * 4096;
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

static void write_config(const char *path)
{
	FILE *f = fopen(path, "w");
	const char *transport = b.peer.tcp ? "tcp" : "udp";

	if (!f)
		die("cannot write the configuration");
	fprintf(f,
		"node = 127.0.0.1\n"
		"xmpp { server = 127.0.0.1:%u  component = gw.example.test  secret = bench }\n"
		"sip { listen = { udp:127.0.0.1:%u, tcp:127.0.0.1:%u } }\n"
		"domain sip.test {\n  profile = %s\n  serves = { example.test }\n"
		"  route peer { to = %s:127.0.0.1:%u }\n}\n"
		"storage { url = \"sqlite:%s/bench.db\" }\n"
		"limits { messages-per-user = 100000/s }\n",
		b.server.port, b.daemon_port, b.daemon_port, b.now->profile, transport, b.peer.port, b.folder);
	fclose(f);
}

static void start_daemon(const char *program)
{
	char config[128], log[128];

	snprintf(config, sizeof(config), "%s/bench.conf", b.folder);
	snprintf(log, sizeof(log), "%s/bench.log", b.folder);
	b.daemon_port = free_port();
	write_config(config);
	b.daemon = fork();
	if (b.daemon == 0) {
		int fd = open(log, O_CREAT | O_WRONLY | O_TRUNC, 0600);

		dup2(fd, 2);
		execl(program, "tombolo", "serve", "-c", config, (char *)NULL);
		_exit(127);
	}
}

static void stop_daemon(void)
{
	int status;

	kill(b.daemon, SIGTERM);
	waitpid(b.daemon, &status, 0);
	b.daemon = 0;
}

/* -- Messages: the number stands in the body as "n=17;" */

static uint64_t now_ns(void)
{
	return uv_hrtime();
}

static void send_to_sip(unsigned number)
{
	struct buf out = { 0 };
	unsigned pair = number % PAIRS;

	buf_printf(&out,
		"<message type='chat' id='m%u' from='u%u@example.test/home' to='b%u@gw.example.test'>"
		"<body>n=%u; Shall we have lunch at noon in the usual place?</body>"
		"<active xmlns='http://jabber.org/protocol/chatstates'/></message>",
		++b.serial, pair, pair, number);
	bench_server_write(&b.server, buf_str(&out));
	buf_finish(&out);
}

static void send_to_xmpp(unsigned number)
{
	static const char text[] = " Shall we have lunch at noon in the usual place?";
	struct buf out = { 0 }, body = { 0 };
	unsigned pair = number % PAIRS;
	struct session *s = &b.sessions[pair];
	const char *transport = b.peer.tcp ? "TCP" : "UDP";

	buf_printf(&body, "n=%u;%s", number, text);
	if (s->call_id.n)
		buf_printf(&out, "MESSAGE " STR_FMT " SIP/2.0\r\n", STR_ARG(s->contact));
	else
		buf_printf(&out, "MESSAGE sip:u%u@example.test SIP/2.0\r\n", pair);
	buf_printf(&out,
		"Via: SIP/2.0/%s 127.0.0.1:%u;branch=z9hG4bKbench%u;rport\r\nMax-Forwards: 70\r\n"
		"From: <sip:b%u@sip.test>;tag=peer\r\n",
		transport, b.peer.port, ++b.serial, pair);
	if (s->call_id.n)
		buf_printf(&out, "To: " STR_FMT "\r\nCall-ID: " STR_FMT "\r\nCSeq: %u MESSAGE\r\n",
			STR_ARG(s->daemon_from), STR_ARG(s->call_id), ++s->cseq);
	else
		buf_printf(&out, "To: <sip:u%u@example.test>\r\nCall-ID: bench-%u\r\nCSeq: %u MESSAGE\r\n", pair,
			number, ++s->cseq);
	buf_printf(&out, "Content-Type: text/plain; charset=UTF-8\r\nContent-Length: %zu\r\n\r\n", body.n);
	buf_add(&out, buf_str(&body));
	bench_peer_send(&b.peer, buf_str(&out));
	buf_finish(&out);
	buf_finish(&body);
}

static void send_next(void)
{
	unsigned number = b.sent++;

	b.sent_ns[number] = now_ns();
	if (b.now->to_sip)
		send_to_sip(number);
	else
		send_to_xmpp(number);
}

static void finished(struct str text)
{
	const char *at = memmem(text.p, text.n, "n=", 2);
	unsigned long number = at ? strtoul(at + 2, NULL, 10) : UINT32_MAX;

	if (number < b.sent && !b.latency_ns[number])
		b.latency_ns[number] = now_ns() - b.sent_ns[number];
}

static void one_done(void)
{
	b.done++;
	if (b.window && b.sent < b.wanted)
		send_next();
	if (b.done >= b.wanted)
		uv_stop(&b.loop);
}

/* -- What the two fakes see */

static void on_stanza(void *arg, struct str stanza)
{
	(void)arg;
	if (memmem(stanza.p, stanza.n, "type='error'", 12))
		b.failed++;
	else if (!b.now->to_sip)
		finished(stanza);
}

static void on_presence(void *arg, struct str stanza)
{
	(void)arg;
	(void)stanza;
}

static void keep_session(struct str message)
{
	struct str from = bench_header(message, STR("From")), to = bench_header(message, STR("To"));
	struct str contact = bench_header(message, STR("Contact"));
	const char *user = memmem(to.p, to.n, "sip:b", 5);
	unsigned long pair = user ? strtoul(user + 5, NULL, 10) : PAIRS;

	if (pair >= PAIRS)
		die("an INVITE to a stranger");
	size_t open = str_find(contact, '<'), end = str_find(contact, '>');

	b.sessions[pair].call_id = alloc_str(bench_header(message, STR("Call-ID")));
	b.sessions[pair].daemon_from = alloc_str(from);
	b.sessions[pair].contact = alloc_str(str_cut(contact, open + 1, end));
	b.opened++;
}

static void on_request(void *arg, struct str method, struct str message)
{
	(void)arg;
	if (str_eq(method, STR("INVITE")))
		keep_session(message);
	if (!str_eq(method, STR("MESSAGE")) || !b.now->to_sip)
		return;
	finished(message);
	one_done();
}

static void on_response(void *arg, int status, unsigned cseq, struct str message)
{
	(void)arg;
	(void)cseq;
	(void)message;
	if (b.now->to_sip)
		return;
	if (status / 100 != 2)
		b.failed++;
	one_done();
}

/* -- Runs */

static void on_flush(uv_prepare_t *handle)
{
	(void)handle;
	bench_server_flush(&b.server);
	bench_peer_flush(&b.peer);
}

static void on_pace(uv_timer_t *timer)
{
	(void)timer;
	for (unsigned i = 0; i < STEADY_PER_MS && b.sent < b.wanted; i++)
		send_next();
}

static void on_give_up(uv_timer_t *timer)
{
	(void)timer;
	fprintf(stderr, "bench: stalled with %u of %u done, %u sent\n", b.done, b.wanted, b.sent);
	die("no progress");
}

static void run(unsigned messages, unsigned window)
{
	uv_timer_t give_up;

	b.sent = b.done = 0;
	b.wanted = messages;
	b.window = window;
	memset(b.latency_ns, 0, messages * sizeof(*b.latency_ns));
	uv_timer_init(&b.loop, &give_up);
	uv_timer_start(&give_up, on_give_up, 120000, 0);
	for (unsigned i = 0; i < window && i < messages; i++)
		send_next();
	if (!window)
		uv_timer_start(&b.pace, on_pace, 0, 1);
	uv_run(&b.loop, UV_RUN_DEFAULT);
	uv_timer_stop(&b.pace);
	uv_close((uv_handle_t *)&give_up, NULL);
	uv_run(&b.loop, UV_RUN_NOWAIT);
}

static void wait_for_daemon(void)
{
	for (int i = 0; i < 10000 && !b.server.up; i++) {
		uv_run(&b.loop, UV_RUN_NOWAIT);
		usleep(1000);
	}
	if (!b.server.up)
		die("the daemon did not log in");
	for (int i = 0; i < 500; i++) { /* it calibrates its barrier first */
		uv_run(&b.loop, UV_RUN_NOWAIT);
		usleep(1000);
	}
	bench_peer_connect(&b.peer, b.daemon_port);
}

static int by_size(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, c = *(const uint64_t *)y;

	return (a > c) - (a < c);
}

static double percentile_ms(unsigned count, double share)
{
	qsort(b.latency_ns, count, sizeof(*b.latency_ns), by_size);
	return (double)b.latency_ns[(unsigned)(share * (count - 1))] / 1e6;
}

static void measure(const char *program, const struct bench_case *c, unsigned messages)
{
	memset(&b.server, 0, sizeof(b.server));
	memset(&b.peer, 0, sizeof(b.peer));
	memset(b.sessions, 0, sizeof(b.sessions));
	b.opened = b.failed = 0;
	b.now = c;
	uv_loop_init(&b.loop);
	b.server.message = on_stanza;
	b.server.presence = on_presence;
	b.peer.request = on_request;
	b.peer.response = on_response;
	bench_server_listen(&b.server, &b.loop);
	bench_peer_open(&b.peer, &b.loop, c->tcp);
	uv_prepare_init(&b.loop, &b.flush);
	uv_prepare_start(&b.flush, on_flush);
	uv_timer_init(&b.loop, &b.pace);
	start_daemon(program);
	wait_for_daemon();

	struct bench_case open_sessions = { c->profile, c->tcp, true };
	uint64_t rss_before = daemon_rss_bytes();

	b.now = &open_sessions;
	run(PAIRS, 1);
	b.now = c;
	run(WARM_UP, WINDOW);
	uint64_t cpu = daemon_cpu_ns(), wall = now_ns(), rss_idle = daemon_rss_bytes();

	run(messages, WINDOW);
	cpu = daemon_cpu_ns() - cpu;
	wall = now_ns() - wall;
	uint64_t rss_busy = daemon_rss_bytes();

	double full_p50 = percentile_ms(messages, 0.50);

	run(STEADY_MESSAGES, 0);
	printf("%-7s %-4s %-4s  %7.2f us CPU/message  %8.0f msg/s  p50 at full load %6.2f ms  at 1000/s p50 %5.2f p99 "
	       "%5.2f "
	       "ms  RSS %5.1f MB idle, %+.0f B per message sent  failed %u\n",
		c->profile, c->tcp ? "tcp" : "udp", c->to_sip ? "x2s" : "s2x", (double)cpu / 1e3 / messages,
		messages / ((double)wall / 1e9), full_p50, percentile_ms(STEADY_MESSAGES, 0.50),
		percentile_ms(STEADY_MESSAGES, 0.99), (double)rss_before / 1048576.0,
		((double)rss_busy - (double)rss_idle) / messages, b.failed);
	fflush(stdout);
	stop_daemon();
}

static bool is_wanted(const struct bench_case *c, const char *name)
{
	char own[32];

	snprintf(own, sizeof(own), "%s/%s/%s", c->profile, c->tcp ? "tcp" : "udp", c->to_sip ? "x2s" : "s2x");
	return !name || strcmp(own, name) == 0;
}

int main(int argc, char **argv)
{
	static const struct bench_case cases[] = {
		{ "simple", false, true },
		{ "simple", false, false },
		{ "lync", false, true },
		{ "lync", false, false },
		{ "lync", true, true },
		{ "lync", true, false },
	};
	unsigned long messages = argc > 2 ? strtoul(argv[2], NULL, 10) : 100000;

	if (argc < 2 || messages < 1 || messages > 10000000) {
		fprintf(stderr, "usage: bench_bridge PATH-TO-TOMBOLO [MESSAGES] [CASE]\n");
		return 64;
	}
	unsigned long most = messages > STEADY_MESSAGES ? messages : STEADY_MESSAGES;

	b.sent_ns = alloc_array(most, sizeof(*b.sent_ns));
	b.latency_ns = alloc_array(most, sizeof(*b.latency_ns));
	signal(SIGPIPE, SIG_IGN);
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char remove[96];

		if (!is_wanted(&cases[i], argc > 3 ? argv[3] : NULL))
			continue;
		snprintf(b.folder, sizeof(b.folder), "/tmp/tombolo-bench-XXXXXX");
		if (!mkdtemp(b.folder))
			die("no temporary folder");
		measure(argv[1], &cases[i], (unsigned)messages);
		snprintf(remove, sizeof(remove), "rm -r %s", b.folder);
		if (system(remove))
			die("the temporary folder would not go");
	}
	return 0;
}
