# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Sourced. packages_install LIST...: installs what the lists name and this machine lacks, by plain apt-get, and starts no
# service: /usr/sbin/policy-rc.d says no for as long as it takes. One that exists already is left alone.

packages_policy=/usr/sbin/policy-rc.d

packages_missing() {
	local package
	sed 's/#.*//; /^ *$/d' "$@" | while read -r package; do
		dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
	done
}

packages_install() (
	missing=$(packages_missing "$@")
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" != 0 ]; then
		echo "not installed, and only root can: ${missing//$'\n'/ }" >&2
		return 1
	fi
	if [ ! -e "$packages_policy" ]; then
		trap 'rm -f "$packages_policy"' EXIT
		printf '#!/bin/sh\nexit 101\n' >"$packages_policy" && chmod 755 "$packages_policy"
	fi
	echo "installing: ${missing//$'\n'/ }"
	export DEBIAN_FRONTEND=noninteractive
	get="apt-get install -qq -y --no-install-recommends"
	# The lists of packages may be old or absent: then a second try with fresh ones.
	# shellcheck disable=SC2086
	$get $missing </dev/null >/dev/null 2>&1 ||
		{ apt-get update -qq </dev/null && $get $missing </dev/null >/dev/null; } || {
		echo "apt-get could not install them" >&2
		return 1
	}
)
