/* SPDX-License-Identifier: MIT */
/* TLS on real sockets: two of us, us and OpenSSL's own programs, and those who never finish. */
#include "sipside/transport/tls_stream.h"
#include "sipside/transport/transport.h"
#include "tests/lib/uv_env.h"
#include "tests/sipside/transport/certificates.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

struct side {
	struct world *world;
	struct sipside_net *net;
	uint16_t port;
	unsigned messages;
	struct sipside_target from; /* of the newest message */
	bool echo;
};
struct watcher {
	struct sipside_watch watch;
	enum reason why; /* REASON_NONE: nothing was lost */
	char words[512];
};
struct world {
	struct uv_env uv;
	struct certificates made;
	struct side us, them;
	struct watcher w;
	char told[512]; /* the words of the newest EVENT_TLS_FAILED */
	unsigned failures, warned;
	void (*event)(void *impure, const struct event *e); /* the fake env's own */
};

static const char message[] = "MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 5\r\n\r\nhello";
static struct world *listening; /* struct env's sink knows only the fake env */

static void on_event(void *impure, const struct event *e)
{
	if (e->kind == EVENT_TLS_FAILED) {
		listening->failures++;
		snprintf(listening->told, sizeof(listening->told), STR_FMT, STR_ARG(e->detail));
	}
	listening->event(impure, e);
}

static void received(void *arg, const struct sipside_target *from, struct str bytes)
{
	struct side *s = arg;

	s->messages++;
	s->from = *from;
	if (s->echo)
		assert_int_equal(sipside_transport_send(s->net, from, bytes, NULL), REASON_NONE);
}

static void lost(void *arg, enum reason why, struct str words)
{
	struct watcher *w = arg;

	w->why = why;
	snprintf(w->words, sizeof(w->words), STR_FMT, STR_ARG(words));
}

static void secure(struct side *s, const struct sipside_tls *settings)
{
	struct str error = STR_NONE;
	struct tls_context *c = tls_context_create(&s->world->uv.fake.env, settings, &error);

	if (!c)
		fail_msg(STR_FMT, STR_ARG(error));
	sipside_transport_secure(s->net, c);
}

static void side_open(struct world *w, struct side *s, const struct sipside_tls *settings,
	const struct sipside_transport_limits *limits)
{
	static const struct sipside_transport_handlers up = { received, NULL };
	struct sipside_address at = { SIPSIDE_TLS, STR("127.0.0.1"), 0 };
	unsigned listener;
	struct str error;

	*s = (struct side){ .world = w };
	s->net = sipside_transport_create(&w->uv.fake.env, limits, &up, s);
	assert_int_equal(sipside_transport_listen(s->net, &at, &listener, &error), REASON_TLS); /* no certificate yet */
	secure(s, settings);
	assert_int_equal(sipside_transport_listen(s->net, &at, &listener, &error), REASON_NONE);
	assert_true(sipside_transport_bound(s->net, listener, &at));
	s->port = at.port;
}

static void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	uv_env_init(&w->uv);
	w->uv.fake.unix_ms = (int64_t)time(NULL) * 1000; /* other programs look at the real calendar */
	w->event = w->uv.fake.env.event;
	w->uv.fake.env.event = on_event;
	listening = w;
	certificates_init(&w->made, w->uv.fake.unix_ms);
	certificate_make(&w->made, &(struct certificate_wish){ .name = "br1", .san = "DNS:br1", .rsa = true });
	certificate_make(&w->made, &(struct certificate_wish){ .name = "fe1", .san = "DNS:fe1,DNS:pool" });
	w->w.watch = (struct sipside_watch){ .lost = lost, .arg = &w->w };
}

static void world_finish(struct world *w)
{
	sipside_unwatch(&w->w.watch);
	sipside_transport_destroy(w->us.net);
	sipside_transport_destroy(w->them.net);
	uv_env_finish(&w->uv);
	certificates_finish(&w->made);
}

static struct sipside_target target(uint16_t port, const char *name)
{
	struct sipside_target t;

	assert_true(sipside_target_set(&t, SIPSIDE_TLS, STR("127.0.0.1"), port));
	t.tls_name = name;
	return t;
}

static void send_watched(struct world *w, const struct sipside_target *to)
{
	sipside_unwatch(&w->w.watch);
	w->w.why = REASON_NONE;
	assert_int_equal(sipside_transport_send(w->us.net, to, str_c(message), &w->w.watch), REASON_NONE);
}

static bool was_lost(void *arg)
{
	return ((struct world *)arg)->w.why != REASON_NONE;
}

static bool arrived(void *arg)
{
	return ((struct side *)arg)->messages > 0;
}

static bool failed(void *arg)
{
	return ((struct world *)arg)->failures > 0;
}

static void two(struct world *w, const char *theirs)
{
	const struct sipside_tls a = certificates_settings(&w->made, "br1"),
				 b = certificates_settings(&w->made, theirs);

	side_open(w, &w->us, &a, NULL);
	side_open(w, &w->them, &b, NULL);
}

/* -- Two of us */

static void messages_cross_and_names_are_proved(void **state)
{
	struct world w;
	const char *version = "";

	(void)state;
	world_init(&w);
	two(&w, "fe1");
	w.them.echo = true;
	const struct sipside_target to = target(w.them.port, "fe1");

	for (unsigned i = 0; i < 50; i++)
		send_watched(&w, &to);
	uv_env_until(&w.uv, arrived, &w.us);
	uv_env_settle(&w.uv, &w.us.messages, 20);
	assert_int_equal(w.them.messages, 50);
	assert_int_equal(w.us.messages, 50);
	assert_int_equal(sipside_transport_connections(w.us.net), 1);
	assert_true(tls_identity_proves(sipside_transport_identity(w.them.net, &w.them.from), STR("br1")));
	assert_true(tls_identity_proves(sipside_transport_dialled(w.us.net, STR("FE1"), &version), STR("pool")));
	assert_string_equal(version, "TLSv1.3");
	assert_null(sipside_transport_dialled(w.us.net, STR("pool"), &version));
	assert_int_equal(w.w.why, REASON_NONE);
	world_finish(&w);
}

/* The same address under another name is another connection: what was proved for one says nothing about the other. */
static void each_name_has_its_own_connection(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	two(&w, "fe1");
	const struct sipside_target fe1 = target(w.them.port, "fe1"), pool = target(w.them.port, "pool"),
				    other = target(w.them.port, "fe2"), nameless = target(w.them.port, NULL);

	send_watched(&w, &fe1);
	uv_env_until(&w.uv, arrived, &w.them);
	send_watched(&w, &pool);
	send_watched(&w, &pool);
	uv_env_settle(&w.uv, &w.them.messages, 30);
	assert_int_equal(w.them.messages, 3);
	assert_int_equal(sipside_transport_connections(w.us.net), 2);
	send_watched(&w, &other);
	uv_env_until(&w.uv, was_lost, &w);
	assert_int_equal(w.w.why, REASON_TLS);
	assert_non_null(strstr(w.w.words, "certificate is for fe1, pool, expected fe2"));
	assert_int_equal(sipside_transport_connections(w.us.net), 2);
	assert_int_equal(sipside_transport_send(w.us.net, &nameless, str_c(message), NULL), REASON_TLS);
	world_finish(&w);
}

/* RFC 5923: a connection the peer opened carries our requests too, if it offered that and proved the name we mean. */
static void an_alias_is_used_only_for_proved_names(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	two(&w, "fe1");
	const struct sipside_target to_us = target(w.us.port, "br1"), fe1 = target(5061, "fe1"),
				    fe2 = target(5061, "fe2");

	assert_int_equal(sipside_transport_send(w.them.net, &to_us, str_c(message), NULL), REASON_NONE);
	uv_env_until(&w.uv, arrived, &w.us);
	sipside_transport_alias(w.us.net, &w.us.from, 5061); /* as its Via said */
	send_watched(&w, &fe1);
	uv_env_until(&w.uv, arrived, &w.them);
	assert_int_equal(sipside_transport_connections(w.us.net), 1);
	send_watched(&w, &fe2); /* nobody listens on 5061 itself */
	uv_env_until(&w.uv, was_lost, &w);
	assert_int_equal(w.w.why, REASON_UNREACHABLE);
	world_finish(&w);
}

/* Renewed files: live connections stay, new ones show the new certificate. */
static void a_new_certificate_leaves_live_connections_alone(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	certificate_make(&w.made, &(struct certificate_wish){ .name = "renewed", .san = "DNS:fe1.new" });
	two(&w, "fe1");
	const struct sipside_tls renewed = certificates_settings(&w.made, "renewed");
	const struct sipside_target old = target(w.them.port, "fe1"), new = target(w.them.port, "fe1.new");

	send_watched(&w, &old);
	uv_env_until(&w.uv, arrived, &w.them);
	secure(&w.them, &renewed);
	send_watched(&w, &old);
	uv_env_settle(&w.uv, &w.them.messages, 20);
	assert_int_equal(w.them.messages, 2);
	send_watched(&w, &new);
	uv_env_settle(&w.uv, &w.them.messages, 30);
	assert_int_equal(w.them.messages, 3);
	assert_int_equal(sipside_transport_connections(w.them.net), 2);
	assert_int_equal(w.w.why, REASON_NONE);
	world_finish(&w);
}

/* In TLS 1.3 the caller may write before the called one looked at its certificate: what was written was never read. */
static void a_refusal_of_our_certificate_proves_that_nothing_arrived(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	certificate_make(
		&w.made, &(struct certificate_wish){ .name = "alien", .san = "DNS:br1", .signer = BY_STRANGER });
	two(&w, "fe1");
	const struct sipside_tls alien = certificates_settings(&w.made, "alien");
	const struct sipside_target to = target(w.them.port, "fe1");

	secure(&w.us, &alien);
	send_watched(&w, &to);
	uv_env_until(&w.uv, was_lost, &w);
	assert_int_equal(w.w.why, REASON_TLS);
	assert_non_null(strstr(w.w.words, "does not know the CA of our certificate"));
	assert_int_equal(w.them.messages, 0);
	assert_int_equal(w.uv.fake.counts[EVENT_TLS_FAILED], 2); /* both ends say it */
	world_finish(&w);
}

/* 4 MiB to one who does not read: the queue has an end, and nothing is lost once it reads on. */
static void a_large_amount_arrives_in_order(void **state)
{
	struct world w;
	static char big[40000];
	int head = snprintf(big, sizeof(big), "MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 39000\r\n\r\n");
	unsigned sent = 0;

	(void)state;
	world_init(&w);
	two(&w, "fe1");
	const struct sipside_target to = target(w.them.port, "fe1");

	memset(big + head, 'x', 39000);
	while (sipside_transport_send(w.us.net, &to, (struct str){ big, (size_t)head + 39000 }, NULL) == REASON_NONE)
		sent++;
	assert_in_range(sent, 100, 110); /* of 4 MiB */
	uv_env_until(&w.uv, arrived, &w.them);
	uv_env_settle(&w.uv, &w.them.messages, 50);
	assert_int_equal(w.them.messages, sent);
	world_finish(&w);
}

/* -- Those who never finish */

static void unfinished_handshakes_are_capped_and_end(void **state)
{
	struct world w;
	const struct sipside_transport_limits limits = { .handshakes_per_peer = 5, .handshake_ms = 3000 };
	int fds[8];

	(void)state;
	world_init(&w);
	const struct sipside_tls settings = certificates_settings(&w.made, "br1");

	side_open(&w, &w.us, &settings, &limits);
	for (unsigned i = 0; i < 8; i++)
		fds[i] = uv_env_connect(SOCK_STREAM, w.us.port);
	uv_env_settle(&w.uv, &w.uv.fake.counts[EVENT_DROPPED], 20);
	assert_int_equal(sipside_transport_connections(w.us.net), 5);
	assert_int_equal(w.uv.fake.counts[EVENT_DROPPED], 3);
	send(fds[0], "\x16\x03\x01\x02", 4, 0); /* one begins, and stops */
	uv_env_settle(&w.uv, &w.failures, 20);
	fake_env_advance(&w.uv.fake, 2999);
	assert_int_equal(sipside_transport_connections(w.us.net), 5);
	fake_env_advance(&w.uv.fake, 1);
	assert_int_equal(sipside_transport_connections(w.us.net), 0);
	assert_int_equal(w.failures, 1); /* the four that only knocked leave no line */
	assert_non_null(strstr(w.told, "did not end in time"));
	for (unsigned i = 0; i < 8; i++)
		close(fds[i]);
	world_finish(&w);
}

static void garbage_is_told_and_closed(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	two(&w, "fe1");
	int fd = uv_env_connect(SOCK_STREAM, w.us.port);

	send(fd, message, sizeof(message) - 1, 0);
	uv_env_until(&w.uv, failed, &w);
	assert_non_null(strstr(w.told, "does not speak TLS on this port"));
	assert_int_equal(sipside_transport_connections(w.us.net), 0);
	close(fd);
	world_finish(&w);
}

/* A peer of our own making, without a loop: what it writes can be cut anywhere. */
static void carry(struct world *w, struct tls_stream *t, int fd, size_t n)
{
	struct buf out = { 0 };
	char in[8192];

	tls_stream_take(t, &out);
	if (out.n)
		assert_true(send(fd, out.p, n < out.n ? n : out.n, MSG_NOSIGNAL) > 0);
	buf_finish(&out);
	for (unsigned i = 0; i < 20; i++) {
		uv_env_turn(&w->uv);
		ssize_t got = recv(fd, in, sizeof(in), 0);

		if (got > 0)
			tls_stream_feed(t, (struct str){ in, (size_t)got });
	}
}

static struct tls_stream *call_by_hand(struct world *w, struct tls_context **context, int *fd)
{
	const struct sipside_tls settings = certificates_settings(&w->made, "fe1");
	struct str error;
	struct tls_stream *t;

	*context = tls_context_create(&w->uv.fake.env, &settings, &error);
	t = tls_stream_create(&w->uv.fake.env, *context, STR("br1"));
	*fd = uv_env_connect(SOCK_STREAM, w->us.port);
	tls_stream_start(t);
	for (unsigned i = 0; i < 4; i++)
		carry(w, t, *fd, SIZE_MAX);
	assert_int_equal(tls_stream_state(t), TLS_SECURED);
	return t;
}

static void half_a_record_is_not_waited_for_longer_than_half_a_message(void **state)
{
	struct world w;
	struct tls_context *context;
	int fd;

	(void)state;
	world_init(&w);
	two(&w, "fe1");
	struct tls_stream *t = call_by_hand(&w, &context, &fd);

	tls_stream_write(t, str_c(message));
	carry(&w, t, fd, SIZE_MAX);
	assert_int_equal(w.us.messages, 1);
	fake_env_advance(&w.uv.fake, 60000);
	assert_int_equal(sipside_transport_connections(w.us.net), 1); /* silence between messages is no fault */
	tls_stream_write(t, str_c(message));
	carry(&w, t, fd, 20);
	fake_env_advance(&w.uv.fake, 29999);
	assert_int_equal(sipside_transport_connections(w.us.net), 1);
	fake_env_advance(&w.uv.fake, 1);
	assert_int_equal(sipside_transport_connections(w.us.net), 0);
	assert_int_equal(w.us.messages, 1);
	tls_stream_destroy(t);
	tls_context_destroy(context);
	close(fd);
	world_finish(&w);
}

/* A secured connection whose bytes are tampered with ends at once, and says so. */
static void a_broken_record_ends_the_connection(void **state)
{
	struct world w;
	struct tls_context *context;
	int fd;

	(void)state;
	world_init(&w);
	two(&w, "fe1");
	struct tls_stream *t = call_by_hand(&w, &context, &fd);

	send(fd, "\x17\x03\x03\x00\x20 this is not what was encrypted ", 37, 0);
	uv_env_until(&w.uv, failed, &w);
	assert_int_equal(sipside_transport_connections(w.us.net), 0);
	tls_stream_destroy(t);
	tls_context_destroy(context);
	close(fd);
	world_finish(&w);
}

static int silent_server(uint16_t *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)(const void *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 5), 0);
	getsockname(fd, (struct sockaddr *)(void *)&at, &n);
	*port = ntohs(at.sin_port);
	return fd;
}

/* Connect and handshake together have as long as a connect: the next route waits for both. */
static void a_server_that_says_nothing_costs_four_seconds(void **state)
{
	struct world w;
	uint16_t port;
	int fd = silent_server(&port);

	(void)state;
	world_init(&w);
	two(&w, "fe1");
	const struct sipside_target to = target(port, "fe1");

	send_watched(&w, &to);
	uv_env_settle(&w.uv, &w.failures, 20);
	fake_env_advance(&w.uv.fake, 3999);
	assert_int_equal(w.w.why, REASON_NONE);
	fake_env_advance(&w.uv.fake, 1);
	assert_int_equal(w.w.why, REASON_TLS);
	assert_non_null(strstr(w.w.words, "did not end in time"));
	close(fd);
	world_finish(&w);
}

/* -- OpenSSL's own programs at the other end */

struct program {
	pid_t pid;
	int in, out;
};

/* `openssl WORDS` with pipes; the paths of the certificate NAME and the CA are added. */
static struct program start(struct world *w, const char *words, const char *name)
{
	char line[1024];
	int in[2], out[2];
	struct program p;

	snprintf(line, sizeof(line), "exec openssl %s -cert %s -key %s -CAfile %s -quiet 2>/dev/null", words,
		certificate_path(&w->made, name, "pem"), certificate_path(&w->made, name, "key"),
		certificate_path(&w->made, "root", "pem"));
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	p.pid = fork();
	if (p.pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		execl("/bin/sh", "sh", "-c", line, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	p.in = in[1];
	p.out = out[0];
	fcntl(p.out, F_SETFL, O_NONBLOCK);
	return p;
}

static void stop(struct program *p)
{
	kill(p->pid, SIGTERM);
	waitpid(p->pid, NULL, 0);
	close(p->in);
	close(p->out);
}

struct reading {
	struct program *program;
	char text[4096];
	size_t n;
};

static bool has_echo(void *arg)
{
	struct reading *r = arg;
	ssize_t got = read(r->program->out, r->text + r->n, sizeof(r->text) - 1 - r->n);

	if (got > 0)
		r->n += (size_t)got;
	return strstr(r->text, "hello") != NULL;
}

static void s_client_talks(struct world *w, const char *version, const char *certificate)
{
	char words[256];

	snprintf(words, sizeof(words), "s_client -connect 127.0.0.1:%u -servername br1 %s -cert_chain %s", w->us.port,
		version, certificate_path(&w->made, certificate, "pem"));
	struct program p = start(w, words, certificate);
	struct reading r = { .program = &p };

	assert_true(write(p.in, message, sizeof(message) - 1) > 0);
	uv_env_until(&w->uv, has_echo, &r);
	stop(&p);
}

static void s_client_of_each_version_is_served(void **state)
{
	struct world w;

	(void)state;
	world_init(&w);
	two(&w, "fe1");
	w.us.echo = true;
	s_client_talks(&w, "-tls1_3", "fe1");
	s_client_talks(&w, "-tls1_2", "fe1");
	s_client_talks(&w, "-tls1_2 -cipher AES128-GCM-SHA256", "fe1"); /* RSA key exchange */
	assert_int_equal(w.failures, 0);
	world_finish(&w);
}

static void tls_1_0_is_served_where_it_is_wanted(void **state)
{
	struct world w;
	char words[256];

	(void)state;
	world_init(&w);
	two(&w, "fe1");
	w.us.echo = true;
	snprintf(words, sizeof(words), "s_client -connect 127.0.0.1:%u -tls1 -cipher DEFAULT:@SECLEVEL=0", w.us.port);
	struct program p = start(&w, words, "fe1");

	uv_env_until(&w.uv, failed, &w);
	assert_non_null(strstr(w.told, "speaks no TLS version of ours"));
	stop(&p);
	struct sipside_tls old = certificates_settings(&w.made, "br1");

	old.min_version = 10;
	secure(&w.us, &old);
	w.failures = 0;
	s_client_talks(&w, "-tls1 -cipher DEFAULT:@SECLEVEL=0", "fe1");
	s_client_talks(&w, "-tls1 -cipher AES128-SHA:@SECLEVEL=0", "fe1");
	s_client_talks(&w, "-tls1_3", "fe1");
	assert_int_equal(w.failures, 0);
	world_finish(&w);
}

/* A server of OpenSSL's: answers are what we type; here only that our bytes came, or why they did not. */
static void call_s_server(struct world *w, const char *more, const char *certificate, const char *dialled)
{
	uint16_t port;
	char words[300];

	close(silent_server(&port)); /* a free one */
	snprintf(words, sizeof(words), "s_server -accept 127.0.0.1:%u -Verify 3 -verify_return_error %s -cert_chain %s",
		port, more, certificate_path(&w->made, certificate, "pem"));
	struct program p = start(w, words, certificate);
	struct reading r = { .program = &p };
	const struct sipside_target to = target(port, dialled);

	for (unsigned i = 0; i < 200; i++) { /* until it listens */
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		int refused = connect(fd, &to.addr.any, sizeof(to.addr.v4));

		close(fd);
		if (!refused)
			break;
		usleep(10000);
	}
	send_watched(w, &to);
	for (time_t begun = time(NULL); !was_lost(w) && !has_echo(&r) && time(NULL) - begun < 10;)
		uv_env_turn(&w->uv);
	stop(&p);
}

static void s_server_is_called(void **state)
{
	static const struct {
		const char *more, *certificate, *dialled;
		enum reason why;
		const char *words;
	} rows[] = {
		{ "-tls1_3", "fe1", "pool", REASON_NONE, NULL },
		{ "-tls1_2", "fe1", "fe1", REASON_NONE, NULL },
		{ "-tls1 -cipher DEFAULT:@SECLEVEL=0", "fe1", "fe1", REASON_TLS, "speaks no TLS version of ours" },
		{ "", "fe1", "fe9", REASON_TLS, "certificate is for fe1, pool, expected fe9" },
		{ "", "late", "fe1", REASON_TLS, "certificate expired 3 days ago" },
		{ "", "alien", "fe1", REASON_TLS, "unknown CA: the certificate is issued by \"CN=Stranger Root\"" },
		{ "", "ip", "127.0.0.1", REASON_NONE, NULL },
	};
	struct world w;

	(void)state;
	world_init(&w);
	certificate_make(
		&w.made, &(struct certificate_wish){ .name = "late", .san = "DNS:fe1", .from_days = -33, .days = 30 });
	certificate_make(
		&w.made, &(struct certificate_wish){ .name = "alien", .san = "DNS:fe1", .signer = BY_STRANGER });
	certificate_make(&w.made, &(struct certificate_wish){ .name = "ip", .san = "IP:127.0.0.1" });
	two(&w, "fe1");
	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		call_s_server(&w, rows[i].more, rows[i].certificate, rows[i].dialled);
		if (w.w.why != rows[i].why || (rows[i].words && !strstr(w.w.words, rows[i].words)))
			fail_msg("row %u: why %d \"%s\"", i, (int)w.w.why, w.w.words);
	}
	world_finish(&w);
}

static void s_client_without_a_certificate_is_turned_away(void **state)
{
	struct world w;
	char line[256];

	(void)state;
	world_init(&w);
	two(&w, "fe1");
	snprintf(line, sizeof(line), "openssl s_client -connect 127.0.0.1:%u -quiet </dev/null >/dev/null 2>&1 &",
		w.us.port);
	assert_int_equal(system(line), 0);
	uv_env_until(&w.uv, failed, &w);
	assert_non_null(strstr(w.told, "sent no certificate"));
	world_finish(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_cross_and_names_are_proved),
		cmocka_unit_test(each_name_has_its_own_connection),
		cmocka_unit_test(an_alias_is_used_only_for_proved_names),
		cmocka_unit_test(a_new_certificate_leaves_live_connections_alone),
		cmocka_unit_test(a_refusal_of_our_certificate_proves_that_nothing_arrived),
		cmocka_unit_test(a_large_amount_arrives_in_order),
		cmocka_unit_test(unfinished_handshakes_are_capped_and_end),
		cmocka_unit_test(garbage_is_told_and_closed),
		cmocka_unit_test(half_a_record_is_not_waited_for_longer_than_half_a_message),
		cmocka_unit_test(a_broken_record_ends_the_connection),
		cmocka_unit_test(a_server_that_says_nothing_costs_four_seconds),
		cmocka_unit_test(s_client_of_each_version_is_served),
		cmocka_unit_test(tls_1_0_is_served_where_it_is_wanted),
		cmocka_unit_test(s_server_is_called),
		cmocka_unit_test(s_client_without_a_certificate_is_turned_away),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
