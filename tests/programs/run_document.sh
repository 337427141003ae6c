#!/usr/bin/env bash
# run_document.sh DOCUMENT FAULTLINE [NAME=FILE...]: runs the commands of a page
# and compares what they print with what the page shows. In an indented block,
# "$ command" is a command and the lines below it its output; "..." stands for
# any lines, or for any part of its line. The commands run in a folder that has
# the source tree's docs, and each FILE as NAME.
set -uo pipefail
document=$1
faultline=$2
shift 2
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
text=$(<"$document")
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
mkdir "$bin/work"
ln -s "$PWD/docs" "$bin/work/docs"
ln -s "$faultline" "$bin/faultline"
for file; do
  mkdir -p "$(dirname "$bin/work/${file%%=*}")"
  ln -s "$(realpath "${file#*=}")" "$bin/work/${file%%=*}"
done
PATH=$bin:$PATH
cd "$bin/work" || exit 1

failed=0
commands=0
command=
expected=()

# Every line shown must come, in this order; lines between two only where "..."
# says so.
check() {
  local line shown like skip=0 at=0
  [ -n "$command" ] || return 0
  commands=$((commands + 1))
  mapfile -t lines < <(bash -c "$command" 2>&1)
  for shown in "${expected[@]}"; do
    if [ "$shown" = ... ]; then
      skip=1
      continue
    fi
    like=$(sed 's/[][*?\\]/\\&/g; s/\.\.\./*/g' <<<"$shown")
    while :; do
      line=${lines[at]-}
      [ "$at" -lt "${#lines[@]}" ] || { line=$'\1'; break; }
      at=$((at + 1))
      # shellcheck disable=SC2053
      if [[ $line == $like ]]; then
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

while IFS= read -r row; do
  case $row in
    '    $ '*)
      check
      command=${row#'    $ '}
      expected=()
      ;;
    '    '*) [ -z "$command" ] || expected+=("${row#'    '}") ;;
    *)
      check
      command=
      ;;
  esac
done <<<"$text"
check
[ "$commands" -gt 0 ] || { echo "no commands in $document"; exit 1; }
echo "$commands commands"
exit $failed
