#!/bin/sh
# explore.sh FAULTLINE RACE STEADY ORDERS
# Exploring finds the schedule under which RACE prints something else, tells it,
# and its token has that again; a program without a race ends the same way
# always. ORDERS has what only some orders of events bring about.
# Covers: plugin/cli/explore_program.cc
# Covers: plugin/cli/explore_command.cc
faultline=$1 race=$2 steady=$3 orders=$4
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

fail() {
  echo "$*"
  cat "$dir/out" "$dir/err"
  failed=1
}

# explore STATUS OPTION... PROGRAM
explore() {
  expected=$1
  shift
  "$faultline" explore "$@" >"$dir/out" 2>"$dir/err"
  status=$?
  [ $status = "$expected" ] || fail "explore $*: status $status"
}

# finds TEXT...: what is printed has them all.
finds() {
  for text in "$@"; do
    grep -q -e "$text" "$dir/out" || fail "no '$text'"
  done
}

token() {
  sed -n 's/^ *faultline replay \(flt1+.*\)/\1/p' "$dir/out" | head -n 1
}

explore 1 --bound 1 --limit 2000 "$race"
finds 'exit status 0, with the usual output' '^-- preempted --\|  -- preempted --' \
  'violated: exit status 0, with another output (1 preemption)'
token=$(token)
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

# What only user code does is seen only by who looks there.
explore 0 "$orders" race
explore 1 --points user:AddOne "$orders" race
finds 'with another output (1 preemption)' 'user AddOne+0x[1-9a-f]'
[ "$("$faultline" replay "$(token)" 2>"$dir/err")" = 1 ] ||
  fail 'the token of a data race'
grep -q "as the token's" "$dir/err" || fail 'another trace with --points'
explore 2 --points user:Nothing "$orders" race

explore 1 "$orders" stuck
finds 'violated: deadlock (1 preemption)' 'waits for futex_wait_queue'
"$faultline" replay "$(token)" >"$dir/out" 2>"$dir/err"
[ $? = 124 ] || fail 'the token of a deadlock'
grep -q 'no task can go on' "$dir/err" || fail 'a deadlock replayed is none'
explore 1 "$orders" spin
finds 'violated: livelock (1 preemption)'

# By chance, and then made small.
explore 1 --strategy random:20 "$orders" stuck
finds '^20 runs, at random' 'violated: deadlock (1 preemption)'
explore 1 --strategy pct:3:40 --seed 1 "$orders" spin
finds '^40 runs, pct of depth 3' 'violated: livelock (1 preemption)'

# One failure, in every order; what is the same without it is told without.
explore 1 --with-inject usercopy "$orders" early
finds 'with usercopy=fail once' \
  'violated: deadlock (0 preemptions, usercopy:nth=[0-9]*=fail)'
case $(token) in
*+--inject+usercopy:nth=*) ;;
*) fail 'a token without its injection' ;;
esac
"$faultline" replay "$(token)" >"$dir/out" 2>"$dir/err"
grep -q "as the token's" "$dir/err" || fail 'another trace with --inject'
explore 1 --with-inject usercopy "$orders" stuck
finds 'deadlock (first with 1 preemption; the same without it)'
explore 2 --with-inject usercopy --inject slab "$orders" stuck
explore 2 --with-inject nowhere "$orders" stuck
explore 2 --strategy clever "$orders" stuck
exit $failed
