/* SPDX-License-Identifier: MIT */
/* The two roles of an IM session on a virtual clock, with the oddities of wire-lync and wire-ms-client. */
#include "tests/sipside/usage/desk.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static const char lync_invite[] =
	"INVITE sip:ann@xmpp.example SIP/2.0\n"
	"Record-Route: <sip:pool1.corp.example:5061;transport=tls;ms-fe=fe1.corp.example;opaque=state:F:Ci.R1a2b00;lr;"
	"ms-route-sig=xY%41zz>;tag=5A0011CC\n"
	"Via: SIP/2.0/TLS 192.0.2.1:61234;branch=z9hG4bK11AA22BB.33CC44;branched=FALSE;ms-internal-info=\"qwErTy\"\n"
	"Max-Forwards: 69\n"
	"Via: SIP/2.0/TLS 10.0.5.7:40112;ms-received-port=40112;ms-received-cid=1B2C00\n"
	"From: \"Bob Brown\"<sip:bob@corp.example>;tag=c0ffee0101;epid=0a1b2c3d4e\n"
	"To: <sip:ann@xmpp.example>;epid=5f6e7d8c9b\n"
	"Call-ID: 1f0c2d3e4b5a6978\n"
	"CSeq: 1 INVITE\n"
	"Contact: <sip:bob@corp.example;opaque=user:epid:kQ3xYw7LdEqVb1AA;gruu>\n"
	"User-Agent: UCCAPI/16.0.1234.1000 OC/16.0.1234.1000 (Skype for Business)\n"
	"Supported: ms-dialog-route-set-update\n"
	"ms-text-format: text/plain; charset=UTF-8; ms-body=THVuY2ggYXQgbm9vbj8=\n"
	"Ms-Conversation-ID: AdABCDEFGHIJKLMNOPQRSTUVWXYZ0g==\n"
	"Supported: timer\n"
	"Roster-Manager: sip:bob@corp.example\n"
	"EndPoints: <sip:bob@corp.example>, <sip:ann@xmpp.example>\n"
	"P-Asserted-Identity: \"Bob Brown\"<sip:bob@corp.example>,<tel:+15550100>\n"
	"Content-Type: application/sdp\n"
	"\n"
	"v=0\r\no=- 0 0 IN IP4 10.0.5.7\r\ns=session\r\nc=IN IP4 10.0.5.7\r\nt=0 0\r\nm=message 5060 sip null\r\n"
	"a=accept-types:text/plain multipart/alternative \r\n";

/* A request of Bob's in the dialog of lync_invite. */
static void from_bob(
	struct desk *k, const char *method, unsigned cseq, const char *ok, const char *lines, const char *body)
{
	static unsigned branch;
	char text[2048];

	snprintf(text, sizeof(text),
		"%s sip:br1.example:5060;transport=tcp SIP/2.0\nVia: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bKin%u\n"
		"Max-Forwards: 69\nFrom: \"Bob Brown\"<sip:bob@corp.example>;tag=c0ffee0101;epid=0a1b2c3d4e\n"
		"To: %s\nCall-ID: 1f0c2d3e4b5a6978\nCSeq: %u %s\n%s\n%s",
		method, ++branch, desk_header(ok, "To"), cseq, method, lines, body);
	desk_receive(k, text);
}

static const char *lync_calls(struct desk *k)
{
	desk_receive(k, lync_invite);
	desk_heard(k, "new 0 bob@corp.example>ann; ");
	return desk_sent(k, "SIP/2.0 200 OK\r\n");
}

static void lync_invite_is_answered_as_lync_wants_it(void **state)
{
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	const char *ok = lync_calls(&k);
	const char *own = strstr(ok, "Record-Route: <sip:br1.example:5060;transport=tcp;lr>\r\n");
	const char *theirs = strstr(ok,
		"Record-Route: "
		"<sip:pool1.corp.example:5061;transport=tls;ms-fe=fe1.corp.example;opaque=state:F:Ci.R1a2b00;"
		"lr;ms-route-sig=xY%41zz>;tag=5A0011CC\r\n");

	assert_non_null(own);
	assert_non_null(theirs);
	assert_true(own < theirs); /* nearest to us stands first: the caller's last hop */
	assert_true(strncmp(desk_header(ok, "To"), "<sip:ann@xmpp.example>;epid=5f6e7d8c9b;tag=", 43) == 0);
	assert_string_equal(desk_header(ok, "Contact"), "<sip:br1.example:5060;transport=tcp>");
	assert_non_null(strstr(ok, "\r\nm=message 5060 sip sip:ann@xmpp.example\r\na=accept-types:text/plain "));
	assert_null(strstr(ok, "ms-text-format"));
	from_bob(&k, "ACK", 1, ok, "", "");
	desk_heard(&k, "up 200; ");
	from_bob(&k, "MESSAGE", 2, ok, "Content-Type: text/plain\n", "Lunch at noon?");
	desk_heard(&k, "request 5 <Lunch at noon?>; ");
	assert_null(strstr(desk_sent(&k, "SIP/2.0 200 OK"), "Contact:"));
	desk_close(&k);
}

static void our_message_goes_by_their_routes_byte_for_byte(void **state)
{
	struct s_request r = desk_to_bob(S_MESSAGE, "Yes");
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	const char *ok = lync_calls(&k);

	assert_int_equal(sipside_send(k.usage, &r, desk_done, &k), REASON_NONE);
	desk_silent(&k); /* not before the ACK */
	from_bob(&k, "ACK", 1, ok, "", "");
	const char *message =
		desk_sent(&k, "MESSAGE sip:bob@corp.example;opaque=user:epid:kQ3xYw7LdEqVb1AA;gruu SIP/2.0\r\n");

	assert_string_equal(desk_header(message, "Route"),
		"<sip:pool1.corp.example:5061;transport=tls;ms-fe=fe1.corp.example;opaque=state:F:Ci.R1a2b00;lr;"
		"ms-route-sig=xY%41zz>;tag=5A0011CC");
	assert_string_equal(
		desk_header(message, "To"), "\"Bob Brown\"<sip:bob@corp.example>;tag=c0ffee0101;epid=0a1b2c3d4e");
	assert_string_equal(desk_header(message, "From"), desk_header(ok, "To"));
	assert_string_equal(desk_header(message, "CSeq"), "1 MESSAGE");
	assert_string_equal(desk_header(message, "Contact"), "");
	/* pool1 has no address here: the domain's route stands in */
	assert_int_equal(sipside_target_port(&k.to[k.seen - 1]), 5060);
	desk_answer(&k, message, 200, "OK", "", "");
	desk_heard(&k, "up 200; route fe1 ok; done ok 200; ");
	desk_close(&k);
}

static const char *ann_calls(struct desk *k)
{
	struct s_request r = desk_to_bob(S_INVITE, "");
	enum reason why;

	r.body = (struct s_body){ 0 };
	k->usage = sipside_begin(k->d, &r, &desk_owner, k, &why);
	assert_non_null(k->usage);
	return desk_sent(k, "INVITE sip:bob@corp.example SIP/2.0\r\n");
}

static const char fe_answer[] = "Record-Route: <sip:fe.corp.example:5060;transport=tcp;lr>, "
				"<sip:br1.example:5060;transport=tcp;lr>\n"
				"Contact: <sip:bob@192.0.2.9:5070;transport=tcp>\n";

static void our_invite_comes_up(void **state)
{
	struct s_request r = desk_to_bob(S_MESSAGE, "Hi");
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	const char *invite = ann_calls(&k);

	assert_string_equal(desk_header(invite, "Record-Route"), "<sip:br1.example:5060;transport=tcp;lr>");
	assert_string_equal(desk_header(invite, "P-Asserted-Identity"), "<sip:ann@xmpp.example>");
	assert_true(*desk_header(invite, "Ms-Conversation-ID"));
	assert_true(strncmp(desk_header(invite, "From"), "\"Ann\" <sip:ann@xmpp.example>;tag=", 33) == 0);
	assert_non_null(strstr(invite, "\r\nm=message 5060 sip null\r\na=accept-types:text/plain "));
	assert_int_equal(sipside_send(k.usage, &r, desk_done, &k), REASON_NONE);
	desk_answer(&k, invite, 101, "Progress Report", "b1", "ms-diagnostics: 25008\n");
	desk_answer(&k, invite, 180, "Ringing", "b1", "");
	desk_silent(&k);
	fake_env_advance(&k.fake, 12000);
	desk_answer(&k, invite, 200, "OK", "b1;epid=77", fe_answer);
	const char *ack = desk_sent(&k, "ACK sip:bob@192.0.2.9:5070;transport=tcp SIP/2.0\r\n");

	/* our own Record-Route is no hop of ours; the epid is echoed */
	assert_string_equal(desk_header(ack, "Route"), "<sip:fe.corp.example:5060;transport=tcp;lr>");
	assert_string_equal(desk_header(ack, "To"), "<sip:bob@corp.example>;tag=b1;epid=77");
	assert_string_equal(desk_header(ack, "CSeq"), "1 ACK");
	const char *message = desk_sent(&k, "MESSAGE ");

	assert_string_equal(desk_header(message, "CSeq"), "2 MESSAGE");
	desk_heard(&k, "route fe1 ok; up 200; ");
	desk_answer(&k, invite, 200, "OK", "b1;epid=77", fe_answer); /* our ACK was lost */
	desk_sent(&k, "ACK ");
	desk_answer(&k, invite, 200, "OK", "b2", fe_answer); /* another fork */
	assert_string_equal(desk_header(desk_sent(&k, "ACK "), "To"), "<sip:bob@corp.example>;tag=b2");
	assert_string_equal(desk_header(desk_sent(&k, "BYE "), "To"), "<sip:bob@corp.example>;tag=b2");
	desk_answer(&k, message, 200, "OK", "", "");
	desk_heard(&k, "done ok 200; ");
	sipside_end(k.usage);
	env_end_turn(&k.fake.env);
	assert_string_equal(desk_header(desk_sent(&k, "BYE "), "CSeq"), "3 BYE");
	desk_close(&k);
}

static void refusals_say_their_status(void **state)
{
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "simple");
	const char *invite = ann_calls(&k);

	assert_string_equal(desk_header(invite, "Record-Route"), "");
	assert_string_equal(desk_header(invite, "Ms-Conversation-ID"), "");
	desk_answer(&k, invite, 486, "Busy Here", "b1", "");
	desk_sent(&k, "ACK ");
	desk_heard(&k, "route fe1 ok; ended sip-status 486; ");
	desk_close(&k);
}

static void a_set_up_that_takes_too_long_is_given_up(void **state)
{
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	const char *invite = ann_calls(&k);

	desk_answer(&k, invite, 180, "Ringing", "b1", "");
	desk_heard(&k, "route fe1 ok; ");
	fake_env_advance(&k.fake, 119999);
	desk_silent(&k);
	fake_env_advance(&k.fake, 2);
	desk_sent(&k, "CANCEL sip:bob@corp.example SIP/2.0");
	desk_heard(&k, "ended given-up 0; ");
	desk_answer(&k, invite, 200, "OK", "b1", fe_answer); /* they crossed */
	desk_sent(&k, "ACK ");
	desk_sent(&k, "BYE ");
	desk_heard(&k, "");
	desk_close(&k);
}

static void leaving_before_the_answer_cancels(void **state)
{
	struct s_request r = desk_to_bob(S_MESSAGE, "Hi");
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	const char *invite = ann_calls(&k);

	assert_int_equal(sipside_send(k.usage, &r, desk_done, &k), REASON_NONE);
	sipside_end(k.usage);
	env_end_turn(&k.fake.env);
	desk_heard(&k, "done no-session 0 unprocessed; ");
	desk_silent(&k); /* no CANCEL before a provisional answer (RFC 3261 9.1) */
	desk_answer(&k, invite, 100, "Trying", "", "");
	desk_sent(&k, "CANCEL ");
	desk_answer(&k, invite, 487, "Request Terminated", "b1", "");
	desk_sent(&k, "ACK ");
	desk_heard(&k, "route fe1 ok; ");
	fake_env_advance(&k.fake, 100000);
	desk_close(&k);
}

static void an_ack_that_never_comes_ends_it(void **state)
{
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	lync_calls(&k);
	fake_env_advance(&k.fake, 31900);
	for (unsigned again = 0; k.seen < k.count; again++) {
		desk_sent(&k, "SIP/2.0 200 OK");
		assert_true(again < 12);
	}
	desk_heard(&k, "");
	fake_env_advance(&k.fake, 200);
	desk_sent(&k, "BYE sip:bob@corp.example;opaque");
	desk_heard(&k, "ended no-answer 0; ");
	desk_close(&k);
}

static void cancel_of_an_open_ticket_drops_the_answer(void **state)
{
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	k.accept = false;
	desk_receive(&k, lync_invite);
	desk_heard(&k, "new 0 bob@corp.example>ann; ");
	k.usage = sipside_accept(k.ticket, &desk_owner, &k);
	desk_receive(&k, "CANCEL sip:ann@xmpp.example SIP/2.0\n"
			 "Via: SIP/2.0/TLS 192.0.2.1:61234;branch=z9hG4bK11AA22BB.33CC44\nMax-Forwards: 69\n"
			 "From: \"Bob Brown\"<sip:bob@corp.example>;tag=c0ffee0101;epid=0a1b2c3d4e\n"
			 "To: <sip:ann@xmpp.example>\nCall-ID: 1f0c2d3e4b5a6978\nCSeq: 1 CANCEL\n\n");
	desk_sent(&k, "SIP/2.0 200 OK");
	desk_sent(&k, "SIP/2.0 487 ");
	desk_heard(&k, "ended ok 0; ");
	sipside_answer(k.ticket, &(struct s_result){ .status = 200 });
	env_end_turn(&k.fake.env);
	desk_silent(&k);
	desk_close(&k);
}

/* A client in glare takes its own call back with a BYE that has no To tag (wire-ms-client). */
static void bye_without_to_tag_only_before_the_ack(void **state)
{
	static const char bye[] = "BYE sip:ann@xmpp.example SIP/2.0\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKbye%u\n"
				  "Max-Forwards: 69\nFrom: <sip:bob@corp.example>;tag=c0ffee0101\n"
				  "To: <sip:ann@xmpp.example>\nCall-ID: 1f0c2d3e4b5a6978\nCSeq: 2 BYE\n\n";
	char text[512];
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	const char *ok = lync_calls(&k);

	from_bob(&k, "ACK", 1, ok, "", "");
	snprintf(text, sizeof(text), bye, 1u);
	desk_receive(&k, text);
	desk_sent(&k, "SIP/2.0 481 ");
	desk_heard(&k, "up 200; ");
	desk_close(&k);
	desk_open_tcp(&k, "lync");
	lync_calls(&k);
	desk_receive(&k, text);
	desk_sent(&k, "SIP/2.0 200 OK");
	desk_heard(&k, "ended ok 0; ");
	desk_close(&k);
}

static void info_packages_are_not_known(void **state)
{
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	const char *ok = lync_calls(&k);

	from_bob(&k, "ACK", 1, ok, "", "");
	from_bob(&k, "INFO", 2, ok, "Info-Package: x\nContent-Type: text/plain\n", "y");
	desk_sent(&k, "SIP/2.0 469 ");
	desk_heard(&k, "up 200; ");
	desk_close(&k);
}

#ifdef TOMBOLO_TEST_BUILD
static int child_dies(void (*play)(struct desk *))
{
	struct desk k;
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		fclose(stderr);
		desk_open_tcp(&k, "lync");
		k.accept = false;
		desk_receive(&k, lync_invite);
		sipside_accept(k.ticket, &desk_owner, &k);
		play(&k);
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void answer_twice(struct desk *k)
{
	sipside_answer(k->ticket, &(struct s_result){ .status = 486 });
	sipside_answer(k->ticket, &(struct s_result){ .status = 486 });
}

static void answer_never(struct desk *k)
{
	fake_env_advance(&k->fake, 181000);
}

static void answer_once(struct desk *k)
{
	sipside_answer(k->ticket, &(struct s_result){ .status = 486 });
	fake_env_advance(&k->fake, 181000);
}
#endif

static void a_ticket_is_answered_exactly_once(void **state)
{
	(void)state;
#ifdef TOMBOLO_TEST_BUILD
	assert_int_equal(child_dies(answer_once), 0);
	assert_int_equal(child_dies(answer_twice), SIGABRT);
	assert_int_equal(child_dies(answer_never), SIGABRT);
#else
	skip(); /* only a test build aborts */
#endif
}

static void what_is_no_im_session_is_refused(void **state)
{
	static const struct {
		const char *from, *to;
	} changes[] = {
		{ "m=message", "m=audio00" },
		{ "sip null", "TCP/MSRP" },
		{ "EndPoints: <sip:bob@corp.example>, <sip:ann@xmpp.example>",
			"EndPoints: <sip:a@b>, <sip:c@d>, <sip:e@f>" },
		{ "application/sdp", "application/ms-conf-invite+xml" },
	};
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const char *at = strstr(lync_invite, changes[i].from);
		char text[4096], branch[16];

		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - lync_invite), lync_invite, changes[i].to,
			at + strlen(changes[i].from));
		snprintf(branch, sizeof(branch), "z9hG4bK%zu", i);
		memcpy(strstr(text, "z9hG4bK11"), branch, strlen(branch));
		desk_receive(&k, text);
		desk_sent(&k, "SIP/2.0 488 ");
	}
	desk_heard(&k, "");
	desk_close(&k);
}

static void bye_ends_it_and_re_invite_does_not(void **state)
{
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	const char *ok = lync_calls(&k);

	from_bob(&k, "ACK", 1, ok, "", "");
	desk_heard(&k, "up 200; ");
	from_bob(&k, "INVITE", 2, ok, "Contact: <sip:bob@192.0.2.9:5070>\nContent-Type: application/sdp\n",
		"v=0\r\nm=audio 9 RTP/AVP 0\r\nm=x-ms-message 5060 sip null\r\n");
	const char *again = desk_sent(&k, "SIP/2.0 200 OK");

	assert_non_null(strstr(again, "m=audio 0 RTP/AVP 0\r\nm=x-ms-message 5060 sip "));
	assert_non_null(strstr(k.kept, "sip:bob@192.0.2.9:5070"));
	from_bob(&k, "ACK", 2, ok, "", "");
	from_bob(&k, "UPDATE", 3, ok, "Contact: <sip:bob@192.0.2.9:5070>\n", "");
	desk_sent(&k, "SIP/2.0 200 OK");
	from_bob(&k, "INFO", 2, ok, "Content-Type: application/xml\n", "<x/>");
	desk_sent(&k, "SIP/2.0 500 "); /* older than one before it */
	from_bob(&k, "BYE", 4, ok, "", "");
	desk_sent(&k, "SIP/2.0 200 OK");
	desk_heard(&k, "ended ok 0; ");
	from_bob(&k, "MESSAGE", 5, ok, "Content-Type: text/plain\n", "x");
	desk_heard(&k, "orphan 5; "); /* whoever counts texts knows whether it was taken before */
	desk_sent(&k, "SIP/2.0 481 ");
	desk_close(&k);
}

static void a_fatal_answer_fails_what_waits_unsent(void **state)
{
	struct s_request one = desk_to_bob(S_MESSAGE, "one"), two = desk_to_bob(S_MESSAGE, "two");
	struct s_request info = desk_to_bob(S_INFO, "<typing/>");
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	const char *ok = lync_calls(&k);

	from_bob(&k, "ACK", 1, ok, "", "");
	assert_int_equal(sipside_send(k.usage, &one, desk_done, &k), REASON_NONE);
	env_end_turn(&k.fake.env);
	assert_int_equal(sipside_send(k.usage, &info, desk_done, &k), REASON_NONE);
	env_end_turn(&k.fake.env);
	assert_int_equal(sipside_send(k.usage, &two, desk_done, &k), REASON_NONE);
	env_end_turn(&k.fake.env);
	const char *message = desk_sent(&k, "MESSAGE ");
	const char *typing = desk_sent(&k, "INFO "); /* holds up nothing and waits for nothing */

	desk_silent(&k); /* the second text waits for the first one's answer */
	desk_answer(&k, message, 481, "Call Leg/Transaction Does Not Exist", "", "");
	desk_heard(&k, "up 200; route fe1 ok; done sip-status 481 gone unprocessed; done no-session 0 unprocessed; ");
	desk_answer(&k, typing, 481, "Gone", "", "");
	desk_heard(&k, "done sip-status 481 gone unprocessed; ended sip-status 481; ");
	desk_silent(&k);
	desk_close(&k);
}

static void glare_finds_the_session_by_call_id_and_peer(void **state)
{
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	const char *ok = lync_calls(&k);

	from_bob(&k, "ACK", 1, ok, "", "");
	desk_heard(&k, "up 200; ");
	desk_receive(&k, "MESSAGE sip:br1.example SIP/2.0\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKglare\n"
			 "From: <sip:BOB@corp.example>;tag=other;epid=1\nTo: <sip:ann@xmpp.example>;tag=alien\n"
			 "Call-ID: 1f0c2d3e4b5a6978\nCSeq: 1 MESSAGE\nContent-Type: text/plain\n\nstill here");
	desk_sent(&k, "SIP/2.0 200 OK");
	desk_heard(&k, "request 5 <still here>; ");
	desk_receive(&k, "MESSAGE sip:br1.example SIP/2.0\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKglare2\n"
			 "From: <sip:eve@corp.example>;tag=other\nTo: <sip:ann@xmpp.example>;tag=alien\n"
			 "Call-ID: 1f0c2d3e4b5a6978\nCSeq: 1 MESSAGE\nContent-Type: text/plain\n\nnot mine");
	desk_sent(&k, "SIP/2.0 481 ");
	desk_heard(&k, "orphan 5; ");
	desk_close(&k);
}

static void a_session_comes_back_from_its_line(void **state)
{
	struct s_request r = desk_to_bob(S_MESSAGE, "again");
	char saved[8192];
	struct desk k;

	(void)state;
	desk_open_tcp(&k, "lync");
	const char *ok = lync_calls(&k);
	char *to;

	from_bob(&k, "ACK", 1, ok, "", "");
	to = strdup(ok);
	memcpy(saved, k.kept, sizeof(saved));
	desk_close(&k);
	desk_open_tcp(&k, "lync");
	k.usage = sipside_restore(k.d, str_c(saved), &desk_owner, &k);
	assert_non_null(k.usage);
	from_bob(&k, "MESSAGE", 2, to, "Content-Type: text/plain\n", "hello again");
	desk_sent(&k, "SIP/2.0 200 OK");
	desk_heard(&k, "request 5 <hello again>; ");
	assert_int_equal(sipside_send(k.usage, &r, desk_done, &k), REASON_NONE);
	env_end_turn(&k.fake.env);
	assert_string_equal(desk_header(desk_sent(&k, "MESSAGE "), "CSeq"), "65537 MESSAGE");
	free(to);
	assert_null(sipside_restore(k.d, STR("1 s 0 0 nonsense"), &desk_owner, &k));
	desk_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lync_invite_is_answered_as_lync_wants_it),
		cmocka_unit_test(our_message_goes_by_their_routes_byte_for_byte),
		cmocka_unit_test(our_invite_comes_up),
		cmocka_unit_test(refusals_say_their_status),
		cmocka_unit_test(a_set_up_that_takes_too_long_is_given_up),
		cmocka_unit_test(leaving_before_the_answer_cancels),
		cmocka_unit_test(an_ack_that_never_comes_ends_it),
		cmocka_unit_test(cancel_of_an_open_ticket_drops_the_answer),
		cmocka_unit_test(bye_without_to_tag_only_before_the_ack),
		cmocka_unit_test(info_packages_are_not_known),
		cmocka_unit_test(a_ticket_is_answered_exactly_once),
		cmocka_unit_test(what_is_no_im_session_is_refused),
		cmocka_unit_test(bye_ends_it_and_re_invite_does_not),
		cmocka_unit_test(a_fatal_answer_fails_what_waits_unsent),
		cmocka_unit_test(glare_finds_the_session_by_call_id_and_peer),
		cmocka_unit_test(a_session_comes_back_from_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
