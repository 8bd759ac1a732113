/* SPDX-License-Identifier: MIT */
#include "component/operate/check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "component/config/config.h"
#include "component/operate/check_network.h"
#include "component/operate/running.h"

static const char as_tombolo[] = "run check as the user tombolo runs as";

/* -- The configuration */

/* NULL: the fault's own words tell it. */
static const char *fault_remedy(struct str fault, const char *path)
{
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return "give the file with -c FILE";
	if (str_ends(fault, str_c(strerror(EACCES))))
		return as_tombolo;
	if (str_ends(fault, str_c(strerror(ENOENT))))
		return "make this file, or correct its path";
	return NULL;
}

static void report_faults(struct check_report *r, struct str faults, const char *path)
{
	while (faults.n) {
		struct str line = str_next(&faults, '\n');
		struct check_finding *f = check_add(r, CHECK_FAIL, STR("config"), STR_FMT, STR_ARG(line));
		const char *remedy = fault_remedy(line, path);

		if (!faults.n && !remedy)
			remedy = "see tombolo.conf(5)";
		check_advise(r, f, faults.n ? NULL : "tombolo serve does not start with this file.", remedy);
	}
}

static void report_notices(struct check_report *r, const struct config *c)
{
	for (unsigned i = 0; i < c->notices_count; i++) {
		const struct config_notice *n = &c->notices[i];
		struct check_finding *f = check_add(r, n->refuse ? CHECK_FAIL : CHECK_WARN, STR("config"),
			STR_FMT ":%u: " STR_FMT, STR_ARG(c->path), n->line, STR_ARG(n->text));

		if (n->refuse)
			check_advise(r, f, "tombolo serve does not start: running without it would mislead.", NULL);
	}
}

/* Left out, `serves` is the domain itself, which is right only where both sides use one name. */
static void report_serves(struct check_report *r, const struct config *c)
{
	for (unsigned i = 0; i < c->domains_count; i++) {
		const struct config_domain *d = &c->domains[i];
		struct check_finding *f;

		if (d->mode != CONFIG_GATEWAY || d->serves_line)
			continue;
		f = check_add(r, CHECK_WARN, STR("config"),
			STR_FMT ":%u: domain " STR_FMT ": serves is left out: only XMPP users of " STR_FMT
				" itself cross",
			STR_ARG(c->path), d->line, STR_ARG(d->name), STR_ARG(d->name));
		check_advise(r, f, NULL, "serves = { the domains of the XMPP users who may cross }");
	}
}

static struct config *check_config(struct check_report *r, const char *path)
{
	struct buf faults = { .n = 0 };
	struct config *c = config_load(path, &faults);
	unsigned routes = 0;

	if (c) {
		for (unsigned i = 0; i < c->domains_count; i++)
			routes += c->domains[i].routes_count;
		check_add(r, CHECK_PASS, STR("config"), "%s, %u domain%s, %u route%s", path, c->domains_count,
			c->domains_count == 1 ? "" : "s", routes, routes == 1 ? "" : "s");
		report_notices(r, c);
		report_serves(r, c);
		check_node(r, c);
	}
	report_faults(r, buf_str(&faults), path);
	buf_finish(&faults);
	return c;
}

/* -- The storage: looked at, not opened; opened as root, it would belong to root. */

static struct str folder_of(struct arena *a, struct str path)
{
	while (path.n && path.p[path.n - 1] != '/')
		path.n--;
	return path.n ? arena_str(a, path) : STR(".");
}

static void check_storage(struct check_report *r, const struct config *c)
{
	struct str url = c->storage_url, path = str_cut(url, 7, url.n), folder = folder_of(&r->arena, path);
	bool exists = access(path.p, F_OK) == 0;
	struct check_finding *f;
	int error;

	if (!str_starts(url, STR("sqlite:")))
		return;
	if (path.p[0] == ':') {
		f = check_add(r, CHECK_WARN, STR("storage"), STR_FMT, STR_ARG(url));
		check_advise(r, f, "A restart forgets who may watch whom.", "storage { url = sqlite:PATH }");
	} else if (access(folder.p, W_OK | X_OK) != 0 || (exists && access(path.p, R_OK | W_OK) != 0)) {
		error = errno;
		f = check_add(r, CHECK_FAIL, STR("storage"), "%s: %s", path.p, strerror(error));
		check_advise(r, f, "tombolo serve cannot start.",
			error == EACCES ? as_tombolo
					: "make the directory, and give it and the file to the user tombolo runs as");
	} else {
		check_add(r, CHECK_PASS, STR("storage"), "%s %s", path.p, exists ? "can be written" : "can be made");
	}
}

/* -- All of it */

static void print(const struct check_report *r, bool json)
{
	struct buf out = { .n = 0 };

	if (json)
		check_print_json(r, &out);
	else
		check_print_text(r, &out);
	fwrite(out.p, 1, out.n, stdout);
	fflush(stdout);
	buf_finish(&out);
}

enum exit_code check_run(const char *config_path, bool json)
{
	struct check_report report;
	struct config *c;
	enum exit_code code;

	check_report_init(&report);
	c = check_config(&report, config_path);
	if (c) {
		pid_t running = running_pid(c->storage_url);

		check_at(&report, CHECK_STORAGE, 0);
		check_storage(&report, c);
		check_at(&report, CHECK_LISTEN, 0);
		check_links_and_routes(&report, c, running, check_listen(&report, c, running));
	}
	print(&report, json);
	code = check_exit(&report);
	check_report_finish(&report);
	config_free(c);
	return code;
}
