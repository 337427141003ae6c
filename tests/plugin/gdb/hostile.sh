#!/usr/bin/env bash
# hostile.sh FAULTLINE HOSTILE_CLIENT PROGRAM: whoever is at the other end,
# Faultline ends as a run ends, or says that gdb has gone. Its own failures are
# status 125, also where a copy of the process has failed.
set -uo pipefail
faultline=$1 client=$2 program=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for seed in 1 2 3 4 5 6 7 8; do
  rm -f "$folder/err"
  "$faultline" run --gdb "unix:$folder/gdb" "$program" \
    >"$folder/out" 2>"$folder/err" </dev/null &
  machine=$!
  for _ in $(seq 200); do
    grep -qs 'waiting for gdb' "$folder/err" && break
    sleep 0.05
  done
  timeout 60 "$client" "$folder/gdb" "$seed" 300 || exit 1
  wait "$machine"
  status=$?
  if [[ $status == 125 ]] || grep -qi 'check failed\|sanitizer' "$folder/err"
  then
    echo "seed $seed: status $status, output:"
    cat "$folder/out"
    cat "$folder/err"
    exit 1
  fi
done
