/* SPDX-License-Identifier: MIT */
#include "sipside/transport/stream.h"

enum { READ_BYTES = 16 * 1024 }; /* a TLS record holds no more */

static void failed(struct stream *c)
{
	if (tls_stream_refused(c->tls)) /* nothing of what we wrote was read */
		c->sent = 0;
	stream_close(c, REASON_TLS, tls_stream_words(c->tls));
}

/* "TLSv1.3, fe01.corp.example.com" */
static struct str handshake_words(const struct stream *c)
{
	const struct env *env = c->set->env;
	struct str names = tls_identity_text(env, tls_stream_identity(c->tls));

	return arena_printf(env->turn, "%s, " STR_FMT, tls_stream_version(c->tls), STR_ARG(names));
}

static void secured(struct stream *c)
{
	streams_secured(c);
	c->begun_ms = 0;
	c->spoken = true;
	stream_tell(c, EVENT_CONNECTION, handshake_words(c));
	stream_established(c);
}

void stream_secure_start(struct stream *c)
{
	tls_stream_start(c->tls);
	if (tls_stream_state(c->tls) == TLS_FAILED)
		failed(c);
	else
		env_flush_later(c->set->env, &c->flush);
}

static void read_plain(struct stream *c)
{
	while (c->state == OPEN) {
		size_t n = tls_stream_read(c->tls, framer_room(&c->framer, READ_BYTES), READ_BYTES);

		if (!n)
			return;
		stream_in(c, n);
	}
}

/* Half a record counts as half a message: who sends no more of it is cut off as soon. */
static void watch_half_record(struct stream *c)
{
	if (!tls_stream_half(c->tls)) {
		if (!framer_inside_message(&c->framer))
			c->begun_ms = 0;
	} else if (!c->begun_ms) {
		c->begun_ms = env_now_ms(c->set->env);
		stream_watch_time(c);
	}
}

void stream_secure_in(struct stream *c, struct str cipher)
{
	tls_stream_feed(c->tls, cipher);
	if (c->state == SECURING && tls_stream_state(c->tls) == TLS_SECURED)
		secured(c);
	read_plain(c);
	if (c->state == CLOSED)
		return;
	switch (tls_stream_state(c->tls)) {
	case TLS_FAILED:
		failed(c);
		return;
	case TLS_ENDED:
		stream_close(c, REASON_CONNECTION_LOST, tls_stream_cut_words(c->tls, STR("closed by peer")));
		return;
	case TLS_HANDSHAKE:
		break;
	case TLS_SECURED:
		watch_half_record(c);
		break;
	}
	env_flush_later(c->set->env, &c->flush);
}

void stream_secure_out(struct stream *c)
{
	if (c->plain.n && (c->state == OPEN || c->state == DRAINING)) {
		if (tls_stream_write(c->tls, buf_str(&c->plain)) == TLS_FAILED) {
			failed(c);
			return;
		}
		buf_clear(&c->plain);
		if (c->plain.cap > STREAM_CIPHER_BYTES)
			buf_finish(&c->plain);
	}
	tls_stream_take(c->tls, &c->out);
}

void stream_secure_bye(struct stream *c)
{
	tls_stream_close(c->tls);
	tls_stream_take(c->tls, &c->out);
	if (!c->writing && c->out.n) {
		uv_buf_t piece = uv_buf_init(c->out.p, (unsigned)c->out.n);

		uv_try_write((uv_stream_t *)&c->tcp, &piece, 1);
	}
}
