#!/usr/bin/env bash
# tagging.sh FAULTLINE PROGRAM: each mistake of images/demo/tagging.c is caught at
# its instruction, and the report says what the tags were.
set -euo pipefail
readonly faultline=$1 program=$2

# caught MISTAKE TEXT...: every TEXT, a regular expression, is in the report.
caught() {
  local output status=0 text
  output=$("$faultline" run "$program" "$1" 2>&1) || status=$?
  if [ "$status" != 139 ]; then
    echo "$1: exit status $status, not 139" >&2
    exit 1
  fi
  for text in "${@:2}"; do
    if ! grep -qE -- "$text" <<<"$output"; then
      printf '%s: no "%s" in:\n%s\n' "$1" "$text" "$output" >&2
      exit 1
    fi
  done
}

# A trace has who tagged what: as often as the report says it was last.
trace=$(mktemp)
"$faultline" run --trace "$trace" "$program" overflow >"$trace.out" 2>&1 || true
grep -qE '"kind":"tag","event":"store","tid":100,"address":"0x[0-9a-f]+030","from":0,"to":3,"pc":"0x[0-9a-f]+"' "$trace" ||
  { grep '"kind":"tag"' "$trace" >&2; exit 1; }
rm "$trace" "$trace.out"

readonly tags="the pointer's tag is [0-9]+, the memory's is [0-9]+"
# The first byte beyond the block's granules is not written.
caught overflow "SEGV_MTESERR" "could not be written: $tags" \
  "^  => [0-9a-f]+030  [0-9]+$" "tagged [0-9]+ by task 100 at "
caught use-after-free "could not be read: $tags" "tagged [0-9]+ by task"
caught stack "could not be written: $tags" "tags around it"
