#!/usr/bin/env bash
# Runs guest programs on a real kernel, all in one boot of a virtual machine.
#
#   LINUX_VM="COMMAND..." run_on_linux_vm.sh PROGRAM[:GOLDEN]...
#
# LINUX_VM boots a kernel and runs a script in it as root; it is called as
# $LINUX_VM -f FILE... -- SCRIPT, copies the files next to the script, and exits
# with the script's status ("linux-vm -a arm64 -k 6.12" of this project does).
# A PROGRAM passes if it exits with 0 and, with a GOLDEN file, prints what that
# holds. One named *.sh is run by the busybox that BUSYBOX names. Prints what
# failing programs print and a count; exits with 0 if all passed.
set -euo pipefail
: "${LINUX_VM:?set it to the command that boots a kernel}"
[ $# -gt 0 ] || { sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2; }
script=$(mktemp)
trap 'rm -f "$script"' EXIT
cat >"$script" <<'END'
#!/bin/sh
passed=0 failed=0
here=$(pwd)
while read -r name golden; do
  case $name in
    *.sh) set -- "$here/busybox" sh -c "$(cat "$name")" ;;
    *) set -- "$here/$name" ;;
  esac
  (cd / && timeout 60 env -i PATH=/nowhere "$@") >/tmp/output 2>/tmp/errors </dev/null
  status=$?
  [ -z "$golden" ] || diff -u "$golden" /tmp/output >>/tmp/errors || status=1
  if [ $status = 0 ]; then
    passed=$((passed + 1))
  else
    echo "FAIL $name (exit status $status)"
    tail -n 3 /tmp/output
    tail -n 20 /tmp/errors
    failed=$((failed + 1))
  fi
done <<NAMES
END
files=()
for argument; do
  IFS=: read -r program golden <<<"$argument"
  case $program in *.d) continue ;; esac  # what the build keeps beside them
  files+=(-f "$program")
  if [ -n "$golden" ] && [[ " ${files[*]} " != *" $golden "* ]]; then
    files+=(-f "$golden")
  fi
  echo "${program##*/} ${golden##*/}" >>"$script"
done
if [ -n "${BUSYBOX-}" ]; then files+=(-f "$BUSYBOX"); fi
cat >>"$script" <<'END'
NAMES
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
END
# The command may have words of its own.
# shellcheck disable=SC2086
$LINUX_VM "${files[@]}" -- "$script"
