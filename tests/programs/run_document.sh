#!/usr/bin/env bash
# run_document.sh DOCUMENT FAULTLINE: runs the commands of a page in docs/, from
# the top of the source tree, and compares what they print with what the page
# shows. In an indented block, "$ command" is a command and the lines below it
# its output; "..." stands for any lines, or for the rest of its line.
set -uo pipefail
document=$1
faultline=$2
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
ln -s "$faultline" "$bin/faultline"
PATH=$bin:$PATH

failed=0
commands=0
command=
expected=()

# Every line shown must come, in this order; lines between two only where "..."
# says so.
check() {
  local line shown skip=0 at=0
  [ -n "$command" ] || return 0
  commands=$((commands + 1))
  mapfile -t lines < <(bash -c "$command" 2>&1)
  for shown in "${expected[@]}"; do
    if [ "$shown" = ... ]; then
      skip=1
      continue
    fi
    while :; do
      line=${lines[at]-}
      [ "$at" -lt "${#lines[@]}" ] || { line=$'\1'; break; }
      at=$((at + 1))
      # shellcheck disable=SC2053
      if [[ $line == "${shown%...}"* && ($shown == *... || $line == "$shown") ]]; then
        break
      fi
      [ "$skip" = 1 ] || { line=$'\1'; break; }
    done
    if [ "$line" = $'\1' ]; then
      printf '%s\n  of: %s\n  not as shown: %s\n' "$document" "$command" "$shown"
      printf '  | %s\n' "${lines[@]}" | head -40
      failed=1
      return
    fi
    skip=0
  done
}

while IFS= read -r text; do
  case $text in
    '    $ '*)
      check
      command=${text#'    $ '}
      expected=()
      ;;
    '    '*) [ -z "$command" ] || expected+=("${text#'    '}") ;;
    *)
      check
      command=
      ;;
  esac
done <"$document"
check
[ "$commands" -gt 0 ] || { echo "no commands in $document"; exit 1; }
echo "$commands commands"
exit $failed
