#!/usr/bin/env bash
# shipped.sh FAULTLINE ARCH LOOP PLUGINS: what the plug-ins that come with
# Faultline say of a program that is known.
set -uo pipefail
faultline=$1 arch=$2 loop=$3 plugins=$4
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
fail() {
  echo "FAIL $*"
  status=1
}
run() { "$faultline" run "$@" 2>"$dir/err" || fail "$* ended with $?"; }
case $arch in
  x86_64) nm=nm ;;
  arm64) nm=aarch64-linux-gnu-nm ;;
esac
# address FUNCTION: as linked; the program is loaded there.
address() { $nm "$loop" | sed -n "s/^0*\([0-9a-f]*\) [tT] $1\$/0x\1/p"; }

# drcov: a block at the start of what has run, none in what has not.
run --plugin "$plugins/drcov.so,file=$dir/cov" "$loop" 4 10
head -4 "$dir/cov" | cmp - <(printf '%s\n' 'DRCOV VERSION: 2' \
  'DRCOV FLAVOR: drcov-64' 'Module Table: version 2, count 1' \
  'Columns: id, base, end, entry, path') || fail 'drcov: header'
base=$(sed -n 's/^ 0, \(0x[0-9a-f]*\),.*/\1/p' "$dir/cov")
blocks=$(sed -n 's/^BB Table: \([0-9]*\) bbs$/\1/p' "$dir/cov")
text=$(head -6 "$dir/cov" | wc -c)
[ $((blocks * 8 + text)) = "$(stat -c %s "$dir/cov")" ] || fail 'drcov: size'
covered() {  # covered FUNCTION
  tail -c "+$((text + 1))" "$dir/cov" | od -An -v -t u4 -w8 |
    awk -v want=$(($(address "$1") - base)) '$1 == want { n = 1 }
      END { exit !n }'
}
covered branches || fail 'drcov: what has run is missing'
covered leaf || fail 'drcov: what was called is missing'
! covered plain || fail 'drcov: what has not run is there'

# working_set: a round of kind 6 is a page more, of one load and one store.
for rounds in 10 14; do
  run --plugin "$plugins/working_set.so,file=$dir/ws.$rounds" "$loop" 6 $rounds
done
pages() { grep -c ^page, "$dir/ws.$1"; }
[ $(($(pages 14) - $(pages 10))) = 4 ] || fail 'working_set: pages'
[ "$(grep '^page,.*,1,1$' "$dir/ws.14" | wc -l)" -ge 14 ] ||
  fail 'working_set: accesses'
new=$(awk -F, '$1 == "window" { n += $4 } END { print n }' "$dir/ws.14")
[ "$new" = "$(pages 14)" ] || fail "working_set: $new new pages in windows"

# fault_space: two runs add up, and a failure is a point of its own.
run --plugin "$plugins/fault_space.so,file=$dir/fs" "$loop" 0 1
grep -q '^Fault-space coverage:$' "$dir/err" || fail 'fault_space: summary'
grep -q '^fault:user:write none mmap_lock.*pte.lock.* - [1-9]' "$dir/fs" ||
  grep -q '^fault:user:write none .*pte.lock.* - [1-9]' "$dir/fs" ||
  fail 'fault_space: the first store to a page'
before=$(awk '{ n += $5 } END { print n }' "$dir/fs")
run --plugin "$plugins/fault_space.so,file=$dir/fs" "$loop" 0 1
after=$(awk '{ n += $5 } END { print n }' "$dir/fs")
[ "$after" = $((2 * before)) ] || fail 'fault_space: two runs do not add up'
run --plugin "$plugins/fault_space.so,file=$dir/fs" \
  --inject alloc.table.pte:nth=2=fail "$loop" 0 1
grep -q ' alloc.table.pte [1-9]' "$dir/fs" || fail 'fault_space: the failure'
grep -q 'failed sites.*(1 of ' "$dir/err" || fail 'fault_space: one has failed'
# What happened without failing is a place, but none that failed; a lock whose
# name ends as another's is not that.
run --plugin "$plugins/fault_space.so" --inject pte.lock:nth=1=delay "$loop" 0 1
grep -q 'failed sites.*(0 of ' "$dir/err" || fail 'fault_space: none has failed'
echo 'write none hugetlb.i_rwsem - 1' >"$dir/one"
run --plugin "$plugins/fault_space.so" "$loop" 0 1
few=$(sed -n 's/.*locks held.*(\([0-9]*\) of.*/\1/p' "$dir/err")
run --plugin "$plugins/fault_space.so,file=$dir/one" "$loop" 0 1
more=$(sed -n 's/.*locks held.*(\([0-9]*\) of.*/\1/p' "$dir/err")
[ "$more" = $((few + 1)) ] || fail "fault_space: $few, then $more"
# A file that is not its own stays as it is.
echo something else >"$dir/other"
"$faultline" run --plugin "$plugins/fault_space.so,file=$dir/other" "$loop" 0 1 \
  2>"$dir/err" && fail 'fault_space: another file'
grep -q 'not one of its own' "$dir/err" || fail 'fault_space: does not say so'
[ "$(cat "$dir/other")" = 'something else' ] || fail 'fault_space: overwrote it'
exit $status
