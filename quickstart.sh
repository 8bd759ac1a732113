#!/bin/bash
# SPDX-License-Identifier: MIT
# See Tombolo work in one command, on Debian 12 as root:
#   ./quickstart.sh          installs packages, builds, shows two worlds talking, then stays up for your own clients
#   ./quickstart.sh --once   ends by itself; exit status 0 if everything crossed, else 1
# Everything runs on loopback in a temporary folder; what was started is stopped at the end, no service is touched.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=tests/lib/packages.sh
. tests/lib/packages.sh

case ${1:-} in
'' | --once) ;;
*) sed -n '3,6s/^# \{0,1\}//p' "$0" && exit 64 ;;
esac

packages_install tests/packages/build.txt tests/packages/quickstart.txt

log=$(mktemp /tmp/tombolo-build-XXXXXX.log)
trap 'rm -f "$log"' EXIT
echo "building (release) into build/ ..."
{ cmake -G Ninja -S . -B build -DCMAKE_BUILD_TYPE=RelWithDebInfo -DTOMBOLO_TESTS=OFF && ninja --quiet -C build; } >"$log" 2>&1 || {
	tail -40 "$log"
	exit 1
}
rm -f "$log"
exec /usr/bin/python3 tests/lib/quickstart_play.py build "$@"
