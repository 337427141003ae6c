#!/bin/sh
# explore.sh FAULTLINE RACE STEADY
# Exploring finds the schedule under which RACE prints something else, and its
# token has that again; a program without a race ends the same way always.
# Covers: plugin/cli/explore_program.cc
# Covers: plugin/cli/explore_command.cc
faultline=$1 race=$2 steady=$3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

fail() {
  echo "$*"
  cat "$dir/out"
  failed=1
}

"$faultline" explore --bound 1 --limit 2000 "$race" >"$dir/out" 2>"$dir/err"
[ $? = 1 ] || fail 'a race is no violation'
grep -q 'exit status 0, with the usual output' "$dir/out" || fail 'no usual end'
token=$(grep -A1 'exit status 0, with another output' "$dir/out" |
  sed -n 's/^ *\(flt1+.*\)/\1/p')
[ -n "$token" ] || fail 'no token of the other end'
# Both orders of the two threads are usual, so whichever number it is, the other
# comes from the token.
usual=$("$faultline" run "$race")
other=$("$faultline" replay "$token" 2>"$dir/err") || fail 'replay failed'
[ "$usual" != "$other" ] || fail "the token prints the usual $usual"
grep -q "as the token's" "$dir/err" || fail 'another trace'

"$faultline" explore --bound 1 --limit 30 "$steady" >"$dir/out" 2>"$dir/err"
status=$?
[ $status = 0 ] || [ $status = 3 ] || fail "a steady program: status $status"
[ "$(grep -c 'usual output' "$dir/out")" = 1 ] || fail 'a steady program differs'
[ "$(grep -c 'another output' "$dir/out")" = 0 ] || fail 'a steady program differs'
exit $failed
