/* SPDX-License-Identifier: MIT */
#include "component/serve.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "component/bridge.h"
#include "component/config/config.h"
#include "component/loop.h"
#include "component/operate/counters.h"
#include "component/operate/log.h"
#include "component/operate/running.h"

enum { DRAIN_MS = 10000, DRAIN_STEP_MS = 50, SIGNALS = 3 };

struct serve {
	struct loop loop;
	struct log *log;
	struct counters counters;
	struct config *config;
	struct store *store;
	struct bridge *bridge;
	uv_signal_t signals[SIGNALS];
	struct timer drain;
	uint64_t drain_until_ms; /* 0: not draining */
};

/* -- Ending */

static void on_drain(void *arg)
{
	struct serve *s = arg;
	uint64_t now = env_now_ms(&s->loop.env);

	if (bridge_drain(s->bridge) || now >= s->drain_until_ms)
		loop_stop(&s->loop);
	else
		wheel_set(&s->loop.wheel, &s->drain, now + DRAIN_STEP_MS);
}

static void stop(struct serve *s)
{
	if (s->drain_until_ms) {
		loop_stop(&s->loop);
		return;
	}
	env_event(&s->loop.env, &(struct event){ .kind = EVENT_STOPPING });
	sd_notify(0, "STOPPING=1");
	s->drain_until_ms = env_now_ms(&s->loop.env) + DRAIN_MS;
	s->drain = (struct timer){ .fire = on_drain, .arg = s };
	on_drain(s);
}

/* What is read again while running: certificates, which have an end. */
static void reload(struct serve *s)
{
	const struct env *env = &s->loop.env;
	struct str words = STR("nothing was read again: only certificates are; restart instead, state is kept"), error;
	enum event_kind kind = EVENT_CONFIG;

	if (s->config->tls.cert.n && bridge_renew(s->bridge, &error) == REASON_NONE) {
		words = STR("certificates were read again; for all else restart, state is kept");
	} else if (s->config->tls.cert.n) {
		words = arena_printf(env->turn, "the old certificates stay: " STR_FMT, STR_ARG(error));
		kind = EVENT_CONFIG_WARNING;
	}
	env_event(env, &(struct event){ .kind = kind, .detail = words });
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct serve *s = handle->data;

	if (number == SIGHUP)
		reload(s);
	else
		stop(s);
}

static void watch_signals(struct serve *s)
{
	static const int numbers[SIGNALS] = { SIGTERM, SIGINT, SIGHUP };

	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < SIGNALS; i++) {
		uv_signal_init(&s->loop.uv, &s->signals[i]);
		s->signals[i].data = s;
		uv_signal_start(&s->signals[i], on_signal, numbers[i]);
	}
}

static void close_signals(struct serve *s)
{
	for (int i = 0; i < SIGNALS; i++)
		uv_close((uv_handle_t *)&s->signals[i], NULL);
}

/* -- Beginning */

static void on_ready(void *arg, const struct event *e)
{
	(void)arg;
	if (e->kind == EVENT_READY)
		sd_notify(0, "READY=1");
}

static enum exit_code load_config(const char *path, struct config **out)
{
	struct buf errors = { .n = 0 };
	struct config *c = config_load(path, &errors);
	bool refused = false;

	if (!c) {
		fprintf(stderr, STR_FMT, STR_ARG(buf_str(&errors)));
		buf_finish(&errors);
		return EXIT_BAD_CONFIG;
	}
	buf_finish(&errors);
	for (unsigned i = 0; i < c->notices_count; i++) {
		if (!c->notices[i].refuse)
			continue;
		fprintf(stderr, "%s:%u: " STR_FMT "\n", path, c->notices[i].line, STR_ARG(c->notices[i].text));
		refused = true;
	}
	if (refused) {
		config_free(c);
		return EXIT_BAD_CONFIG;
	}
	*out = c;
	return EXIT_GOOD;
}

static void tell_start(const struct serve *s)
{
	struct str detail =
		arena_printf(s->loop.env.turn, "tombolo %s with " STR_FMT, TOMBOLO_VERSION, STR_ARG(s->config->path));

	env_event(&s->loop.env, &(struct event){ .kind = EVENT_STARTING, .detail = detail });
}

static void tell_notices(const struct serve *s)
{
	const struct config *c = s->config;

	for (unsigned i = 0; i < c->notices_count; i++) {
		struct str detail = arena_printf(s->loop.env.turn, STR_FMT ":%u: " STR_FMT, STR_ARG(c->path),
			c->notices[i].line, STR_ARG(c->notices[i].text));

		env_event(&s->loop.env, &(struct event){ .kind = EVENT_CONFIG_WARNING, .detail = detail });
	}
}

/* Where the file of "sqlite:PATH" lies; empty: in the working directory, or there is none. */
static struct str storage_directory(struct str url)
{
	struct str path = str_starts(url, STR("sqlite:")) ? str_cut(url, 7, url.n) : STR_NONE;

	while (path.n && path.p[path.n - 1] != '/')
		path.n--;
	return path.n > 1 ? str_cut(path, 0, path.n - 1) : path;
}

static void complain_of_lock(struct str url, int number)
{
	struct str directory = storage_directory(url);

	fprintf(stderr, "tombolo: storage " STR_FMT ": ", STR_ARG(url));
	if (number == ENOENT && directory.n)
		fprintf(stderr, "the directory " STR_FMT " does not exist", STR_ARG(directory));
	else
		fprintf(stderr, "%s", strerror(number));
	fprintf(stderr, " (tombolo check tells what to do)\n");
}

static void complain(const char *what, struct str words)
{
	fprintf(stderr, "tombolo: %s: " STR_FMT "\n", what, STR_ARG(words));
}

static enum exit_code open_storage(struct serve *s)
{
	struct str url = s->config->storage_url, error = STR_NONE;
	pid_t holder;
	int number;

	if (!running_lock(url, &holder, &number)) {
		if (holder)
			fprintf(stderr, "tombolo: " STR_FMT " is in use by another tombolo (process %d)\n",
				STR_ARG(url), (int)holder);
		else
			complain_of_lock(url, number);
		return EXIT_PROBLEM;
	}
	s->store = store_open(url, &s->loop.env, &error);
	if (s->store)
		return EXIT_GOOD;
	complain("storage", error);
	return EXIT_PROBLEM;
}

static enum exit_code start(struct serve *s)
{
	struct str error = STR_NONE;
	enum exit_code code = open_storage(s);

	if (code != EXIT_GOOD)
		return code;
	s->bridge = bridge_create(&s->loop.env, s->config, s->store, &error);
	if (!s->bridge) {
		complain("configuration", error);
		return EXIT_BAD_CONFIG;
	}
	if (bridge_start(s->bridge, &error) != REASON_NONE) {
		complain("cannot start", error);
		return EXIT_CANNOT_BIND;
	}
	return EXIT_GOOD;
}

enum exit_code serve_run(const char *config_path)
{
	static struct serve s; /* one to a process; too large for comfort on a stack */
	enum exit_code code = load_config(config_path, &s.config);

	if (code != EXIT_GOOD)
		return code;
	loop_init(&s.loop);
	s.log = log_create(&s.loop.env, STDERR_FILENO, s.config->log.level);
	sinks_add(&s.loop.sinks, log_sink(s.log));
	sinks_add(&s.loop.sinks, counters_sink(&s.counters));
	sinks_add(&s.loop.sinks, (struct sink){ .event = on_ready, .arg = &s });
	tell_start(&s);
	tell_notices(&s);
	watch_signals(&s);
	code = start(&s);
	if (code == EXIT_GOOD)
		loop_run(&s.loop);
	wheel_cancel(&s.loop.wheel, &s.drain);
	bridge_destroy(s.bridge);
	store_close(s.store);
	close_signals(&s);
	sinks_remove(&s.loop.sinks, s.log);
	log_destroy(s.log);
	loop_finish(&s.loop);
	config_free(s.config);
	return code;
}
