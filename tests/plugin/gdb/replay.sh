#!/usr/bin/env bash
# replay.sh FAULTLINE RACE: a token's run is debugged, there and back, and is
# the token's run all the same.
set -uo pipefail
faultline=$1 race=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$faultline" explore --bound 1 --limit 2000 "$race" >"$folder/found" 2>&1
token=$(sed -n 's/^ *faultline replay \(flt1+.*\)/\1/p' "$folder/found" |
  head -n 1)

"$faultline" replay "$token" --gdb "unix:$folder/gdb" \
  >"$folder/out" 2>"$folder/err" </dev/null &
machine=$!
for _ in $(seq 200); do
  grep -qs 'waiting for gdb' "$folder/err" && break
  sleep 0.05
done
timeout 100 gdb-multiarch -nx -batch -ex "set pagination off" \
  -ex "set confirm off" -ex "file $race" -ex "target remote $folder/gdb" \
  -ex 'break Add' -ex continue -ex delete \
  -ex 'watch counter' -ex continue \
  -ex 'catch syscall exit_group' -ex continue \
  -ex reverse-continue -ex 'thread 1' -ex reverse-stepi \
  -ex 'printf "stepped back: %d\n", $_thread' -ex 'watch counter' \
  -ex reverse-continue -ex 'info threads' \
  -ex delete -ex continue \
  >"$folder/session" 2>&1 </dev/null
wait "$machine"

failed=0
# has FILE TEXT
has() {
  if ! grep -qF -- "$2" "$folder/$1"; then
    echo "$1: no '$2'"
    failed=1
  fi
}
has session 'New value = 1'
has session '(call to syscall exit_group)'
has session 'Old value = 1'
has session 'New value = 0'
has session 'stepped back: 1'
has session 'No more reverse-execution history'
has session '* 1    Thread 100.100'
has session 'exited normally'
has out 1
has err "as the token's"
if [[ $failed != 0 ]]; then
  cat "$folder"/{found,session,out,err}
fi
exit $failed
