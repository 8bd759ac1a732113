#!/bin/bash
# SPDX-License-Identifier: MIT
# Proves the promise "a fresh Debian 12 is enough": makes a chroot of plain Debian 12, copies the committed tree into it, runs
# quickstart.sh --once and check.sh there as root, and writes down every package they installed.
#   tests/chroot.sh [--keep] [--dir DIR] [quickstart] [check]      (default: both; needs root and debootstrap)
# The mirror is the one this machine's apt uses. DIR is kept between runs with --keep and then used again.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
dir=
keep=no
jobs=()
while [ $# -gt 0 ]; do
	case $1 in
	--keep) keep=yes ;;
	--dir) dir=$2 && shift ;;
	quickstart | check) jobs+=("$1") ;;
	*) sed -n '3,7s/^# \{0,1\}//p' "$0" && exit 64 ;;
	esac
	shift
done
[ ${#jobs[@]} -gt 0 ] || jobs=(quickstart check)
[ "$(id -u)" = 0 ] || { echo "needs root" >&2 && exit 1; }
[ -n "$dir" ] || dir=$(mktemp -d /var/tmp/tombolo-chroot-XXXXXX)

# shellcheck disable=SC2016 # the format is for apt
# The address of the main archive, as apt itself sees it.
mirror=$(apt-get indextargets --format '$(SITE) $(RELEASE) $(CODENAME)' 'Created-By: Packages' |
	awk '$2 == "bookworm" || $3 == "bookworm" { print $1; exit }')
[ -n "$mirror" ] || { echo "apt knows no archive of Debian 12 here" >&2 && exit 1; }

clean() {
	[ "$keep" = yes ] || rm -rf --one-file-system "$dir"
}
trap clean EXIT
trap 'exit 130' INT TERM HUP

if [ ! -e "$dir/usr/bin/apt-get" ]; then
	echo "debootstrap into $dir ..."
	unshare --mount --propagation private debootstrap --variant=minbase bookworm "$dir" "$mirror" >"$dir.log" 2>&1 ||
		{ tail -20 "$dir.log" && exit 1; }
	rm -f "$dir.log"
	rm -f "$dir/etc/apt/sources.list" # ours name the same archive
	cp -a /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d "$dir/etc/apt/" 2>/dev/null || true
fi
cp -L /etc/resolv.conf "$dir/etc/resolv.conf"
cp -L /etc/hosts "$dir/etc/hosts"
rm -rf "$dir/root/tombolo"
git clone -q "$root" "$dir/root/tombolo"

# Mounts live in a namespace of their own and vanish with the command.
run() {
	unshare --mount --propagation private bash -c '
		mount -t proc proc "$0/proc" && mount --rbind /sys "$0/sys" && mount --rbind /dev "$0/dev" &&
			exec chroot "$0" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"' \
		"$dir" "$@"
}
run apt-get update -qq
installed() { run dpkg-query -W -f '${Package} ${Version}\n' | sort; }
mkdir -p "$root/build"
status=0
for job in "${jobs[@]}"; do
	before=$(installed)
	case $job in
	quickstart) command=(./quickstart.sh --once) ;;
	check) command=(./check.sh) ;;
	esac
	echo "== ${command[*]}"
	if run bash -c 'cd /root/tombolo && exec "$@"' - "${command[@]}"; then verdict=passed; else verdict=FAILED && status=1; fi
	echo "== ${command[*]}: $verdict; packages it installed:"
	comm -13 <(echo "$before") <(installed) | tee "$root/build/chroot-$job-packages.log"
	left=$(for process in /proc/[0-9]*; do
		[ "$(readlink "$process/root" 2>/dev/null)" != "$dir" ] || tr '\0' ' ' <"$process/cmdline"
	done)
	[ -z "$left" ] || { echo "== left running: $left" && status=1; }
done
exit $status
