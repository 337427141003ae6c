#!/usr/bin/env bash
# options.sh FAULTLINE PROGRAM: what --gdb refuses, and how.
# Covers: plugin/cli/debugged_run.cc
set -uo pipefail
faultline=$1 program=$2
failed=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# refuses STATUS TEXT OPTION...
refuses() {
  local want=$1 text=$2
  shift 2
  local said status
  said=$(timeout 20 "$faultline" run "$@" "$program" 2>&1 </dev/null)
  status=$?
  if [[ $status != "$want" || $said != *"$text"* ]]; then
    echo "$*: status $status: $said"
    failed=1
  fi
}

refuses 2 'must be a port or unix:PATH' --gdb here
refuses 2 'must be a port or unix:PATH' --gdb 65536
refuses 2 'must be a port or unix:PATH' --gdb -1
refuses 2 'no such path can be' --gdb unix:
refuses 2 'no such path can be' --gdb "unix:$folder/$(printf '%0200d' 0)"
refuses 125 'no such file' --gdb 0 /no/such/file
refuses 2 '--gdb and --trace' --gdb 0 --trace "$folder/trace"
refuses 2 '--gdb and --plugin' --gdb 0 --plugin none.so
refuses 125 'cannot listen' --gdb "unix:$folder/none/gdb"

# A port that is somebody else's, and one that is this host's alone.
"$faultline" run --gdb 0 "$program" 2>"$folder/err" </dev/null &
machine=$!
for _ in $(seq 200); do
  grep -q 'waiting for gdb' "$folder/err" && break
  sleep 0.05
done
port=$(sed -n 's/.*target remote :\([0-9]*\)$/\1/p' "$folder/err")
refuses 125 'cannot listen' --gdb "$port"
where=$(grep -i "$(printf ':%04X 00000000:0000 0A' "$port")" /proc/net/tcp)
[[ $where == *' 0100007F:'* ]] || { echo "listens at: $where"; failed=1; }
kill "$machine"
exit $failed
