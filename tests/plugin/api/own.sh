#!/usr/bin/env bash
# own.sh FAULTLINE PROGRAM TAGGING ANSWER PLUGINS: a plug-in of faultline-plugin.h
# is told what a trace of the same run has, decides about failures, and changes
# nothing else. PROGRAM faults; TAGGING tags memory, "" where there are no tags;
# ANSWER ends with its ppid.
set -uo pipefail
faultline=$1 program=$2 tagging=$3 answer=$4 plugins=$5
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

# So does who looks at the tags.
if [ -n "$tagging" ]; then
  run --trace "$dir/alone.trace" "$tagging" >/dev/null
  run --plugin "$plugins/own.so" --trace "$dir/trace" "$tagging" >/dev/null
  cmp "$dir/alone.trace" "$dir/trace" || status=1
  [ "$(value tag_events)" -gt 0 ] || { echo 'FAIL no tag'; status=1; }
  check 'tags read' "$(value tag_events)" "$(value tags_read)"
fi

# A register that it writes is the program's.
run --plugin "$plugins/own.so,ppid=77" "$answer"
check 'written result' 77 $?
check 'complaints' '' "$(sed -n 's/^own: //p' "$dir/err")"

# One that has gone is not called.
run --plugin "$plugins/leaves.so" "$answer"
check 'gone' 'gone after calls' "$(cat "$dir/err")"

# Its decision is one of an injection: the same failure as by rule.
run --plugin "$plugins/own.so,fail=alloc.table.pte" "$program" >/dev/null
check 'failed once' 1 "$(value inject_events)"
[ "$(value asked)" -gt 1 ] || { echo 'FAIL asked once'; status=1; }

fails() {  # fails MESSAGE PLUGIN
  run --plugin "$plugins/$2" "$program"
  check "$2" 2 $?
  grep -q "^faultline: --plugin .*$1" "$dir/err" || {
    cat "$dir/err"
    status=1
  }
}
fails "version 9 of Faultline's" own_version_9.so
fails '"alloc.nowhere": no such site' own.so,fail=alloc.nowhere
fails '"mmap_lock.locked": nothing there can fail' own.so,fail=mmap_lock.locked
fails '"nowhere\*": no such site' 'own.so,site=nowhere*'
fails 'faultline_on_event(): the callback is null' own.so,null=on
exit $status
