/* SPDX-License-Identifier: MIT */
#include "component/version.h"

#include <confuse.h>
#include <sqlite3.h>
#include <stdio.h>
#include <uv.h>

enum exit_code version_run(void)
{
	printf("tombolo %s\n", TOMBOLO_VERSION);
	printf("libuv %s, SQLite %s, libconfuse %s\n", uv_version_string(), sqlite3_libversion(), confuse_version);
	return EXIT_GOOD;
}
