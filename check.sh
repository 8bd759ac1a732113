#!/bin/bash
# SPDX-License-Identifier: MIT
# Everything that can be checked on one Debian 12 machine: installs what the tests need, builds with both compilers, runs all
# tests, ends with `N passed, N failed`.
#   ./check.sh [--long] [--quick] [STAGE ...]      stages: lint gcc clang unit fuzz scenario e2e; by name or with --long: hostile faults bench
#   --long   those too, fuzzing for minutes and many more rounds; --quick  without installing and without end-to-end tests
# Exit status 0 if nothing failed. Leaves build-check/, build-clang/ and build/ behind, and nothing running.
set -u
cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/lib/packages.sh
. tests/lib/packages.sh

long=no
quick=no
stages=()
while [ $# -gt 0 ]; do
	case $1 in
	--long) long=yes ;;
	--quick) quick=yes ;;
	lint | gcc | clang | unit | fuzz | scenario | e2e | hostile | faults | bench) stages+=("$1") ;;
	*) sed -n '5,7s/^# \{0,1\}//p' "$0" && exit 64 ;;
	esac
	shift
done
if [ ${#stages[@]} = 0 ]; then
	stages=(lint gcc clang unit fuzz scenario e2e)
	[ $quick = no ] || stages=(lint gcc clang unit scenario)
	[ $long = no ] || stages+=(hostile faults bench)
fi

python=/usr/bin/python3 # Debian's own: it has Debian's modules
export PYTHONDONTWRITEBYTECODE=1
passed=0
failed=0
skipped=0
logs=$(mktemp -d /tmp/tombolo-check-XXXXXX)
child=

finish() {
	[ -z "$child" ] || { kill -TERM "$child" 2>/dev/null && wait "$child" 2>/dev/null; }
	rm -rf "$logs"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

title() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }

# In the background and waited for, so that a signal reaches this script at once and the child is ended with it.
run() {
	"$@" &
	child=$!
	wait "$child"
	local status=$?
	child=
	return $status
}

verdict() { # NAME STATUS [LOG]
	if [ "$2" = 0 ]; then
		passed=$((passed + 1))
		echo "passed  $1"
	else
		failed=$((failed + 1))
		echo "failed  $1"
		[ -z "${3:-}" ] || tail -40 "$3" | sed 's/^/    /'
	fi
}

step() { # NAME COMMAND...: one check; its output is shown only if it fails
	local name=$1
	shift
	run "$@" >"$logs/step" 2>&1
	verdict "$name" $? "$logs/step"
}

counted() { # NAME COMMAND...: a runner of its own whose last line counts its tests; its output is shown as it comes
	local name=$1 line
	shift
	run "$@" > >(tee "$logs/counted") 2>&1
	local status=$?
	sleep 0.2 # tee's last line
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$logs/counted" | tail -1)
	if [ -z "$line" ]; then
		verdict "$name ended without its closing line" 1
		return
	fi
	passed=$((passed + $(sed -E 's/^([0-9]+) passed.*/\1/' <<<"$line")))
	failed=$((failed + $(sed -E 's/.* ([0-9]+) failed.*/\1/' <<<"$line")))
	case $line in *skipped*) skipped=$((skipped + $(sed -E 's/.* ([0-9]+) skipped.*/\1/' <<<"$line"))) ;; esac
	case $line in *" 0 failed"*) [ $status = 0 ] || verdict "$name (exit status $status)" 1 ;; esac
}

build() { # FOLDER OPTIONS...
	local folder=$1
	shift
	cmake -G Ninja -S . -B "$folder" "$@" && ninja --quiet -C "$folder"
}

stage_lint() {
	counted "plan of the house" tests/lint/arrows.py
	step "clang-format" bash -c 'find component mapping sipside xmppside tests -name "*.[ch]" -print0 |
		xargs -0 -r clang-format --dry-run -Werror'
	if command -v shellcheck >/dev/null; then
		step "shellcheck" bash -c 'shellcheck -x -S warning ./*.sh tests/*.sh tests/lib/*.sh'
	fi
}

stage_gcc() {
	step "build: gcc, AddressSanitizer and UndefinedBehaviorSanitizer" build build-check -DTOMBOLO_SANITIZE=ON
	step "build: gcc, release" build build -DCMAKE_BUILD_TYPE=RelWithDebInfo -DTOMBOLO_TESTS=OFF
}

stage_clang() {
	step "build: clang, fuzz targets" build build-clang -DCMAKE_C_COMPILER=clang -DTOMBOLO_SANITIZE=ON -DTOMBOLO_FUZZ=ON
}

built() { # NAME: is there something to run? One fault is told once, not by every test.
	[ -x build-check/tombolo ] || {
		verdict "$1: not run, as the build failed" 1
		return 1
	}
}

stage_unit() {
	local log="$logs/ctest" line bad total
	run ctest --test-dir build-check --output-on-failure -j2 >"$log" 2>&1
	line=$(grep -E '[0-9]+ tests? failed out of [0-9]+' "$log")
	if [ -z "$line" ]; then
		verdict "unit tests" 1 "$log"
		return
	fi
	bad=$(sed -E 's/.* ([0-9]+) tests? failed out of.*/\1/' <<<"$line")
	total=$(sed -E 's/.* failed out of ([0-9]+).*/\1/' <<<"$line")
	passed=$((passed + total - bad))
	failed=$((failed + bad))
	[ "$bad" = 0 ] || grep -vE '^ +[0-9]+/[0-9]+ Test .*Passed|^Unable|/build-check/tests/.*/test_' "$log" | tail -60
	echo "$line (each is a program of many cases)"
}

stage_fuzz() {
	local seconds=3 target name corpus seeds
	[ $long = no ] || seconds=120
	for target in build-clang/tests/fuzz_*; do
		if [ ! -f "$target" ] || [ ! -x "$target" ]; then continue; fi
		name=$(basename "$target")
		corpus="$logs/$name" # what it finds stays out of the tree
		mkdir -p "$corpus"
		seeds=("tests/fuzz/seeds/${name#fuzz_}")
		[ -d "${seeds[0]}" ] || seeds=()
		step "$name ($seconds s)" "$target" -max_total_time=$seconds -timeout=5 -rss_limit_mb=2048 -verbosity=0 \
			-artifact_prefix="$logs/" "$corpus" "${seeds[@]}"
	done
}

stage_scenario() {
	built "scenarios" || return
	counted "scenarios" $python tests/scenario/run_scenarios.py build-check/tombolo
	local kills=20
	[ $long = no ] || kills=1000
	counted "random kills" $python tests/scenario/random_kills.py build-check/tombolo $kills
	local deaths=(killed-udp)
	[ $long = no ] || deaths=() # all of them
	counted "a route dies" $python tests/failover/run_failover.py build-check/tombolo "${deaths[@]}"
}

stage_e2e() {
	local options=(--build build-check --release build)
	built "end to end" || return
	[ $long = no ] || options+=(--long)
	counted "end to end" $python tests/e2e/run.py "${options[@]}"
}

# Memory and CPU are judged without sanitizers; whether it survives, also with them.
stage_hostile() {
	local options=()
	built "hostile traffic" || return
	[ $long = no ] || options+=(--long)
	counted "a bad UDP line" $python tests/hostile/bad_line.py "${options[@]}" build-check/tombolo
	counted "hostile traffic" $python tests/hostile/run_hostile.py "${options[@]}" build/tombolo
	counted "hostile traffic, sanitized" $python tests/hostile/run_hostile.py --seconds 15 build-check/tombolo
}

# One seed, so that two runs of one tree are comparable; --long takes many.
stage_faults() {
	local options=(--build build-check --seed 544497)
	[ $long = no ] || options=(--build build-check --long)
	counted "faults" $python tests/faults/run_faults.py "${options[@]}"
}

stage_bench() {
	step "build: benchmarks" build build-bench -DCMAKE_BUILD_TYPE=Release
	local program
	for program in build-bench/tests/bench_*; do
		if [ ! -f "$program" ] || [ ! -x "$program" ]; then continue; fi
		title "$(basename "$program")"
		run "$program" build-bench/tombolo
	done
}

if [ $quick = no ]; then
	title "packages"
	packages_install tests/packages/build.txt tests/packages/quickstart.txt tests/packages/check.txt || {
		echo "0 passed, 1 failed"
		exit 1
	}
fi
for stage in "${stages[@]}"; do
	title "$stage"
	"stage_$stage"
done
printf '\n%d s' "$SECONDS"
[ $skipped = 0 ] || printf ', %d skipped' "$skipped"
printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
