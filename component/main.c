/* SPDX-License-Identifier: MIT */
/* The sub-commands; a new one is a row of the table. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "component/exit_codes.h"
#include "component/operate/check.h"
#include "component/serve.h"
#include "component/version.h"

#define DEFAULT_CONFIG "/etc/tombolo/tombolo.conf"

/* What the command line says, the same for every command. */
struct options {
	const char *config;
	bool json, help;
};

struct command {
	const char *name, *arguments, *summary, *help;
	bool takes_config, takes_json;
	enum exit_code (*run)(const struct options *o);
};

static enum exit_code run_serve(const struct options *o)
{
	return serve_run(o->config);
}

static enum exit_code run_check(const struct options *o)
{
	return check_run(o->config, o->json);
}

static enum exit_code run_version(const struct options *o)
{
	(void)o;
	return version_run();
}

static const struct command commands[] = {
	{ "serve", "[-c FILE]", "run the bridge in the foreground",
		"Logs to stderr, one key=value line to each event; event=ready says that a component is\n"
		"logged in and SIP listens. SIGTERM and SIGINT end it in good order, a second one at once;\n"
		"state is kept either way.\n",
		true, false, run_serve },
	{ "check", "[-c FILE] [--json]", "look at the whole chain: configuration, log-ins, ports, routes",
		"Each line says PASS, WARN, FAIL or SKIP, what was found and what to do about it. Nothing is\n"
		"changed, no user sees anything. Exits 0 when all is well, 1 with warnings, 2 with problems.\n",
		true, true, run_check },
	{ "version", "", "say which version this is", "", false, false, run_version },
};
enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

static enum exit_code print_usage(FILE *out)
{
	fprintf(out, "usage: tombolo COMMAND [OPTION]...\n\n");
	for (int i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-8s %-19s %s\n", commands[i].name, commands[i].arguments, commands[i].summary);
	fprintf(out, "\n  -c FILE  the configuration, %s where it is left out\n", DEFAULT_CONFIG);
	fprintf(out, "  -h       help; behind a command: help about it\n\n");
	fprintf(out, "See tombolo(8) and tombolo.conf(5).\n");
	return out == stdout ? EXIT_GOOD : EXIT_USAGE;
}

static enum exit_code print_help(const struct command *c)
{
	printf("usage: tombolo %s %s\n\n%s.\n%s", c->name, c->arguments, c->summary, c->help);
	return EXIT_GOOD;
}

static enum exit_code misused(const struct command *c, const char *why)
{
	if (why)
		fprintf(stderr, "tombolo %s: %s\n", c->name, why);
	fprintf(stderr, "usage: tombolo %s %s\n", c->name, c->arguments);
	return EXIT_USAGE;
}

/* false: getopt has said what is wrong. */
static bool read_options(int argc, char **argv, struct options *o)
{
	static const struct option table[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int letter;

	while ((letter = getopt_long(argc, argv, "c:h", table, NULL)) != -1) {
		if (letter == 'c')
			o->config = optarg;
		else if (letter == 'j')
			o->json = true;
		else if (letter == 'h')
			o->help = true;
		else
			return false;
	}
	return true;
}

static enum exit_code run_command(const struct command *c, int argc, char **argv)
{
	struct options o = { .config = NULL };

	if (!read_options(argc, argv, &o))
		return misused(c, NULL);
	if (o.help)
		return print_help(c);
	if (optind < argc)
		return misused(c, "too many arguments");
	if (o.config && !c->takes_config)
		return misused(c, "takes no configuration");
	if (o.json && !c->takes_json)
		return misused(c, "has no --json");
	if (!o.config)
		o.config = DEFAULT_CONFIG;
	return c->run(&o);
}

static enum exit_code dispatch(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (!strcmp(name, "-h") || !strcmp(name, "--help") || !strcmp(name, "help"))
		return print_usage(stdout);
	if (!strcmp(name, "--version"))
		name = "version";
	for (int i = 0; i < COMMANDS; i++)
		if (!strcmp(name, commands[i].name))
			return run_command(&commands[i], argc - 1, argv + 1);
	if (*name)
		fprintf(stderr, "tombolo: there is no command \"%s\"\n\n", name);
	return print_usage(stderr);
}

int main(int argc, char **argv)
{
	return (int)dispatch(argc, argv);
}
