#!/bin/bash
# manual.sh FAULTLINE: the manual page is one, and bash completes what the
# program knows.
# Covers: plugin/cli/manual.cc
# Covers: plugin/cli/completion.cc
faultline=$(realpath "$1")
failed=0
fail() { echo "$*"; failed=1; }
PATH=$(dirname "$faultline"):$PATH

page=$("$faultline" manual)
for command in run sweep explore lab replay script; do
  grep -q "^\.SS \"faultline $command\"" <<<"$page" || fail "no $command in the manual"
done
grep -q '\\-\\-inject' <<<"$page" || fail 'no option in the manual'
if command -v groff >/dev/null; then
  warnings=$(groff -man -Tutf8 -ww <<<"$page" 2>&1 >/dev/null)
  [ -z "$warnings" ] || fail "groff: $warnings"
fi

eval "$("$faultline" completion bash)" || fail 'bash does not take it'
compopt() { :; }
# completes EXPECTED WORD...: of the last word, among others.
completes() {
  COMP_WORDS=("${@:2}")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  COMPREPLY=()
  _faultline
  [[ " ${COMPREPLY[*]} " == *" $1 "* ]] ||
    fail "of '${*:2}' not $1 but: ${COMPREPLY[*]}"
}
completes sweep faultline sw
completes --strace faultline run --str
completes show faultline lab s
completes K3 faultline lab run K
completes alloc.anon faultline run --inject alloc.a
completes --jobs faultline sweep --inject slab --j

if command -v zsh >/dev/null; then
  "$faultline" completion zsh | zsh -n || fail 'zsh does not take it'
fi
if "$faultline" completion fish >/dev/null 2>&1; then fail 'fish?'; fi
exit $failed
