#!/bin/sh
# expect_output.sh GOLDEN [-s SCRIPT] COMMAND...
# Runs COMMAND in / with an empty PATH, followed by `sh -c` and SCRIPT's text if
# that is given, and shows how its standard output differs from the file GOLDEN.
# Fails if it does or COMMAND failed. Descriptors above 2 that the caller left
# open (a lock, say) are not passed on: scripts count theirs.
golden=$1
shift
if [ "$1" = -s ]; then
  text=$(cat "$2")
  shift 2
  set -- "$@" sh -c "$text"
fi
output=$(mktemp)
trap 'rm -f "$output"' EXIT
(cd / && exec env -i PATH=/nowhere "$@" </dev/null >"$output" \
  3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-)
status=$?
diff -u "$golden" "$output" || status=1
exit $status
