#!/usr/bin/env bash
# run_session.sh SESSION.gdb FAULTLINE PROGRAM [OPTION...]
# Runs PROGRAM under FAULTLINE run --gdb, and gdb-multiarch by the session's
# commands. Lines of the session that say what is to come of it:
#   # expect: TEXT      is a part of what is printed; in this order
#   # never: TEXT       is not
#   # status: N         what Faultline must end with
#   # arguments: WORD   of the program
#   # options: WORD     of `faultline run`
#   # by port           over TCP, and not by a Unix socket
#   # no file           gdb is not told the program: it asks for it
# Whatever gdb did without changing the program, the run is the run without it:
#   # same run          its schedule and its trace hash are
# Covers: plugin/gdb/monitor.cc
# Covers: plugin/gdb/stub_back.cc
# Covers: plugin/gdb/stub_events.cc
# Covers: plugin/gdb/stub_run.cc
# Covers: plugin/gdb/stub_serve.cc
# Covers: plugin/gdb/stub_state.cc
set -uo pipefail
session=$1 faultline=$2 program=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
says() { sed -n "s/^# $1: //p" "$session"; }
has() { grep -q "^# $1\$" "$session"; }
read -ra arguments < <(says arguments)
read -ra options < <(says options)
command=(run "${options[@]}" "${@:4}" --stats "$program" "${arguments[@]}")

where=unix:$folder/gdb
if has 'by port'; then where=0; fi
"$faultline" run --gdb "$where" "${command[@]:1}" \
  >"$folder/out" 2>"$folder/err" </dev/null &
machine=$!
remote=
for _ in $(seq 400); do
  remote=$(sed -n 's/.*target remote //p' "$folder/err" 2>/dev/null)
  [[ -n $remote ]] && break
  sleep 0.05
done
file=(-ex "file $program")
if has 'no file'; then file=(); fi
timeout 150 gdb-multiarch -nx -batch -ex "set pagination off" \
  -ex "set confirm off" "${file[@]}" -ex "target remote $remote" \
  -x "$session" >"$folder/session" 2>&1 </dev/null
wait "$machine"
status=$?
{
  cat "$folder/session"
  echo "--- standard output"
  cat "$folder/out"
  echo "--- status $status"
} >"$folder/all"

fail() {
  echo "$1"
  cat "$folder/all" "$folder/err"
  exit 1
}
from=1
while read -r text; do
  at=$(tail -n "+$from" "$folder/all" | grep -nF -m 1 -- "$text" | cut -d: -f1)
  [[ -n $at ]] || fail "expected, and not there: $text"
  from=$((from + at))
done < <(says expect)
while read -r text; do
  if grep -qF -- "$text" "$folder/all"; then fail "not expected: $text"; fi
done < <(says never)
want=$(says status)
[[ -z $want || $want == "$status" ]] || fail "status $status"
if has 'same run'; then
  "$faultline" "${command[@]}" >"$folder/plain" 2>"$folder/plain_err" \
    </dev/null
  cmp "$folder/out" "$folder/plain" || fail 'another output without gdb'
  same() { grep -E '^(schedule|trace)' "$1"; }
  [[ -n $(same "$folder/err") ]] || fail 'no schedule, no trace hash'
  diff <(same "$folder/err") <(same "$folder/plain_err") ||
    fail 'another run without gdb'
fi
