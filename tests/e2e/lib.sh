# SPDX-License-Identifier: GPL-3.0-or-later
# What every end-to-end test uses. KDVIEW and CORES come from tests/e2e/run.
# shellcheck shell=bash
set -u
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# gdb's index of a fixture is made once for all tests, not in the tester's home
export XDG_CACHE_HOME=${E2E_CACHE:-$CORES/cache} XDG_STATE_HOME=$tmp/state
export XDG_CONFIG_HOME=$tmp/config
export NO_COLOR=1 LC_ALL=C
LSAN_OPTIONS=suppressions=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/lsan.supp:print_suppressions=0
export LSAN_OPTIONS

ok() { printf 'ok - %s\n' "$1"; }
not_ok() {
	printf 'not ok - %s\n' "$1"
	sed 's/^/    /' "$tmp/out" "$tmp/err" 2>/dev/null | head -n 60
}

# kd ARGS...: run kdview; $rc, $tmp/out and $tmp/err hold what came of it.
kd() {
	timeout 300 "$KDVIEW" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
}

# is NAME WANTED GOT
is() {
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1 (wanted '$2', got '$3')"; fi
}

# shows NAME REGEX: the data has a line like it.
shows() {
	if grep -qE -- "$2" "$tmp/out"; then ok "$1"; else not_ok "$1 (no /$2/ in the output)"; fi
}

# lacks NAME REGEX: it has none.
lacks() {
	if grep -qE -- "$2" "$tmp/out"; then not_ok "$1 (/$2/ in the output)"; else ok "$1"; fi
}

# says NAME REGEX: the errors have a line like it.
says() {
	if grep -qE -- "$2" "$tmp/err"; then ok "$1"; else not_ok "$1 (no /$2/ in the errors)"; fi
}
