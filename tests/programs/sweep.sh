#!/bin/sh
# sweep.sh FAULTLINE OPTION... PROGRAM: a sweep with these options violates
# nothing, and each of its tokens is the same run again.
faultline=$1
shift
table=$("$faultline" sweep "$@")
status=$?
if [ $status != 0 ]; then
  echo "exit status $status"
  echo "$table"
  exit 1
fi
echo "$table" | sed -n 's/^  faultline replay //p' | {
  tokens=0
  while read -r token; do
    tokens=$((tokens + 1))
    if ! "$faultline" replay "$token" 2>&1 >/dev/null |
      grep -aq "as the token's"; then
      echo "not the same again: $token"
      exit 1
    fi
  done
  [ $tokens -ge 3 ] || { echo "only $tokens tokens"; exit 1; }
}
