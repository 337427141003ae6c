#!/usr/bin/env bash
# counts.sh FAULTLINE ARCH LOOP THREADS PLUGINS: plug-ins that count, in Faultline
# alone, and what is said about those that cannot be loaded. What counts ought to be is
# known by hand: the numbers are of loop/rounds_*.S.
set -uo pipefail
faultline=$1 arch=$2 loop=$3 threads=$4 plugins=$5
status=0

check() {  # check WHAT EXPECTED ACTUAL
  if [ "$2" != "$3" ]; then
    printf 'FAIL %s: expected\n%s\ngot\n%s\n' "$1" "$2" "$3"
    status=1
  fi
}
run() { "$faultline" run "$@" 2>&1; }
# count NAME OPTION...
count() { run "${@:2}" | sed -n "s/^$1 //p"; }

# Every way to count instructions gives the same number, in both versions.
# (By block it is more: those are counted that a fault kept from beginning.)
insns=$(count insns --plugin "$plugins/insns.so" "$loop" 0 10)
[ "${insns:-0}" -gt 1000 ] || check 'instructions of a program' many "$insns"
for name in insns calls; do
  check "$name" "$insns" \
    "$(count $name -plugin "$plugins/insns.so,call=on" "$loop" 0 10)"
done
check 'version 1' "$insns" \
  "$(count insns --plugin "$plugins/v1/insns.so" "$loop" 0 10)"
# Nor does it matter who else looks, or in what order.
check 'beside others' "$insns" "$(count insns --plugin "$plugins/accesses.so" \
  --plugin "$plugins/insns.so" --plugin "$plugins/pages.so" "$loop" 0 10)"

case $arch in
  x86_64) each=20 ;;
  arm64) each=21 ;;
esac
check 'instructions a round' $((insns + 4 * each)) \
  "$(count insns --plugin "$plugins/insns.so" "$loop" 0 14)"
# A slice ends where it likes.
check 'under another schedule' "$insns" "$(count insns --schedule random:7 \
  --plugin "$plugins/insns.so" "$loop" 0 10)"

few=$(count entered --plugin "$plugins/calls.so" "$loop" 5 10)
check 'calls entered' $((few + 4)) \
  "$(count entered --plugin "$plugins/calls.so" "$loop" 5 14)"
check 'calls made are calls entered' "$few" \
  "$(count made --plugin "$plugins/calls.so" "$loop" 5 10)"

# Many threads, each with a cell of its own: all cells together are what the one
# cell of version 1 is.
many=$(count insns --plugin "$plugins/v1/insns.so" "$threads")
check 'of all threads' "$many" "$(count insns --plugin "$plugins/insns.so" "$threads")"
check 'of all threads, by calls' "$many" \
  "$(count calls --plugin "$plugins/insns.so,call=on" "$threads")"

# The rest of the interface; what may be any number is not compared.
expected='has_text 1
has_code 1
has_path 1
in_code 1
entry_in_code 1
inits 1
exits 1
idle_and_resumed 0
flushes 0
resets 0
living 0
vcpus 1
main_ran 1
wrong_pc 0
wrong_code 0
stack 1
calls_if 1
calls_never 0
marks 7
marks_of_first 7
marks_in_place 7
parses 1
translated 1'
check 'the rest' "$expected" \
  "$(run --plugin "$plugins/everything.so" "$loop" 0 10)"
# After a reset at the first system call it asks for the same again.
check 'reset' \
  "$(sed 's/^flushes 0/flushes 1/; s/^resets 0/resets 1/' <<<"$expected")" \
  "$(run --plugin "$plugins/everything.so,reset=on" "$loop" 0 10)"

# Asked for again before it has come to it, it comes once.
check 'asking twice' 'resets 1
unloads 1' "$(run --plugin "$plugins/reset_twice.so" "$loop" 1 10)"

# Whatever is asked for, and whenever. (The last call does not return.)
check 'odd moments' 'calls_without_return 1
wrong_number 0
wrong_result 0
idle_reads 0
too_much 0
empty_names 0' "$(run --plugin "$plugins/moments.so" "$loop" 5 10)"

# A mistake is one line, and nothing has run.
fails() {  # fails WHAT MESSAGE OPTION...
  local out
  out=$(run "${@:3}" "$loop" 9)
  [ $? = 2 ] || { echo "FAIL $1: status"; status=1; }
  case $out in
    "faultline: --plugin "*"$2"*) ;;
    *) check "$1" "$2" "$out" ;;
  esac
  [ "$(wc -l <<<"$out")" = 1 ] || { echo "FAIL $1: lines"; status=1; }
}
fails 'no such file' 'No such file' --plugin ./nowhere.so
fails 'no plug-in' 'is no plug-in' --plugin "$plugins/empty.so"
fails 'its own no' 'answered -1' --plugin "$plugins/insns.so,other=1"
fails 'another version' 'version 9 of QEMU' --plugin "$plugins/version_9.so"
fails 'half a plug-in' 'has qemu_plugin_install, but no qemu_plugin_version' \
  --plugin "$plugins/half.so"
fails 'version 0' 'version 0 of QEMU' --plugin "$plugins/version_0.so"
exit $status
