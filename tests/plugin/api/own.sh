#!/usr/bin/env bash
# own.sh FAULTLINE PROGRAM PLUGINS: a plug-in of faultline-plugin.h is told what
# a trace of the same run has, decides about failures, and changes nothing else.
set -uo pipefail
faultline=$1 program=$2 plugins=$3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
check() {
  if [ "$2" != "$3" ]; then
    echo "FAIL $1: expected $2, got $3"
    status=1
  fi
}
run() { (cd / && "$faultline" run "$@" 2>"$dir/err"); }
value() { sed -n "s/^$1 //p" "$dir/err"; }
lines() { grep -c "\"kind\":\"$1\"" "$dir/trace"; }

run --trace "$dir/trace" "$program" >"$dir/alone"
alone=$?
cp "$dir/trace" "$dir/alone.trace"
run --plugin "$plugins/own.so" --trace "$dir/trace" "$program" >"$dir/with"
check 'exit status' "$alone" $?
cmp "$dir/alone" "$dir/with" || status=1
cmp "$dir/alone.trace" "$dir/trace" || status=1

for kind in fault table vma syscall; do
  check "$kind events" "$(lines "$kind")" "$(value ${kind}_events)"
done
check 'points are no events' 0 "$(value point_events)"
check 'faults are of user mode' \
  "$(grep '"kind":"fault"' "$dir/trace" | grep -c '"mode":"user"')" \
  "$(value faults)"
check 'stores among them' \
  "$(grep '"kind":"fault"' "$dir/trace" | grep '"mode":"user"' |
    grep -c '"access":"write"')" "$(value written)"
check 'registers at each' "$(value faults)" "$(value fault_registers)"
[ "$(value locks)" -gt 0 ] || { echo 'FAIL no lock'; status=1; }
check 'complaints' '' "$(sed -n 's/^own: //p' "$dir/err")"

# Its decision is one of an injection: the same failure as by rule.
run --plugin "$plugins/own.so,fail=alloc.table.pte" "$program" >/dev/null
check 'failed once' 1 "$(value inject_events)"
[ "$(value asked)" -gt 1 ] || { echo 'FAIL asked once'; status=1; }

run --plugin "$plugins/own_version_9.so" "$program"
check 'another version' 2 $?
grep -q "^faultline: --plugin .*version 9 of Faultline's" "$dir/err" || {
  cat "$dir/err"
  status=1
}
exit $status
