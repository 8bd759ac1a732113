/* SPDX-License-Identifier: MIT */
/* Which usage a request belongs to (RFC 3261 12.2.2), and by which lesser marks real peers make one find it
 * (wire-ms-client.md: a client in glare mixes the Call-ID of one call with the tags of the other). */
#include "mapping/address.h"
#include "sipside/syntax/header_values.h"
#include "sipside/usage/requests.h"
#include "sipside/usage/session.h"
#include "sipside/usage/session_called.h"

static bool can_hear(const struct sipside_usage *u)
{
	return u->state <= USAGE_LEAVING;
}

static struct sipside_usage *exact(struct usages *all, const struct sipside_msg *m)
{
	struct dialog *d = dialog_table_find(&all->dialogs, m->call_id, m->to.tag, m->from.tag);

	return d && can_hear(usage_of(d)) ? usage_of(d) : NULL;
}

typedef bool usage_test(const struct sipside_usage *u, const struct sipside_msg *m);

/* The only usage with this Call-ID that passes; NULL: none, or more than one. */
static struct sipside_usage *only(struct usages *all, const struct sipside_msg *m, usage_test *test)
{
	struct sipside_usage *found = NULL;

	for (struct dialog *d = dialog_table_next(&all->dialogs, m->call_id, NULL); d;
		d = dialog_table_next(&all->dialogs, m->call_id, d)) {
		if (!can_hear(usage_of(d)) || !test(usage_of(d), m))
			continue;
		if (found)
			return NULL;
		found = usage_of(d);
	}
	return found;
}

/* The first NOTIFY makes the dialog; those of other forks find it made (RFC 6665 4.4.1). */
static bool waits_for_notify(const struct sipside_usage *u, const struct sipside_msg *m)
{
	return u->kind->usage == DIALOG_SUBSCRIBER && !u->established &&
	       str_eq(dialog_local_tag(&u->dialog), m->to.tag);
}

static bool is_session_with_sender(const struct sipside_usage *u, const struct sipside_msg *m)
{
	struct arena *a = u->all->env->turn;
	struct sipside_party remote;

	return u->kind->usage == DIALOG_SESSION && u->established &&
	       sipside_msg_party(m, dialog_part(&u->dialog, DIALOG_REMOTE), &remote) &&
	       str_eq(map_uri_key(a, &remote.uri.as), map_uri_key(a, &m->from.uri.as));
}

static bool is_invite_without_ack(const struct sipside_usage *u, const struct sipside_msg *m)
{
	return u->kind->usage == DIALOG_SESSION && (u->asked || (u->work && u->work->unacked)) &&
	       str_eq(dialog_remote_tag(&u->dialog), m->from.tag);
}

static struct sipside_usage *lenient(struct usages *all, const struct sipside_msg *m)
{
	switch (m->method) {
	case S_NOTIFY:
	case S_BENOTIFY:
		return only(all, m, waits_for_notify);
	case S_MESSAGE:
	case S_INFO:
		return only(all, m, is_session_with_sender);
	case S_BYE:
		return m->to.tag.n ? NULL : only(all, m, is_invite_without_ack);
	default:
		return NULL;
	}
}

static bool refreshes_target(enum s_method method)
{
	return method == S_INVITE || method == S_UPDATE || method == S_SUBSCRIBE || method == S_NOTIFY;
}

/* A peer that may speak for one domain is a stranger in the dialogs of another. */
static bool speaks_for(const struct sipside_usage *u, const struct sipside_target *from)
{
	return !u->domain->configured || domain_allows(u->domain, from);
}

bool requests_inside(struct usages *all, struct sipside_server *server, const struct sipside_msg *m)
{
	struct sipside_usage *u = exact(all, m);
	bool matched = u != NULL, moved = false, silent = m->method == S_BENOTIFY; /* false drops it, answers nothing */

	if (!u)
		u = lenient(all, m);
	if (u && !speaks_for(u, sipside_server_source(server)))
		u = NULL;
	if (!u || (silent && u->kind->usage != DIALOG_SUBSCRIBER))
		return false;
	/* By lesser marks the numbers are another call's. */
	if (matched && !dialog_in_order(&u->dialog, m->cseq)) {
		if (!silent)
			requests_refuse(all, server, m, 500, REASON_BAD_REQUEST);
		return !silent;
	}
	if (matched && refreshes_target(m->method))
		dialog_refresh_target(&u->dialog, m, &moved);
	usage_hold(u);
	u->kind->request(u, server, m);
	if (moved)
		usage_tell_keep(u);
	usage_drop(u);
	return true;
}

void requests_ack(struct usages *all, const struct sipside_msg *m)
{
	struct dialog *d = dialog_table_find(&all->dialogs, m->call_id, m->to.tag, m->from.tag);
	struct sipside_usage *u = d ? usage_of(d) : NULL;

	if (!u || u->kind->usage != DIALOG_SESSION || m->cseq != u->invite_cseq)
		return;
	usage_hold(u);
	session_acked(u);
	usage_drop(u);
}

static bool is_invite_to_cancel(const struct sipside_usage *u, const struct sipside_msg *m)
{
	return u->kind->usage == DIALOG_SESSION && u->asked && u->invite_cseq == m->cseq &&
	       str_eq(dialog_remote_tag(&u->dialog), m->from.tag);
}

bool requests_stray_cancel(struct usages *all, const struct sipside_msg *m)
{
	struct sipside_usage *u = only(all, m, is_invite_to_cancel);

	if (!u)
		return false;
	usage_hold(u);
	session_cancelled(u);
	usage_drop(u);
	return true;
}
