#!/usr/bin/env bash
# Runs ABI test programs on a real kernel, all in one boot of a virtual machine.
#
#   LINUX_VM="COMMAND..." run_on_linux_vm.sh PROGRAM...
#
# LINUX_VM boots a kernel and runs a script in it as root; it is called as
# $LINUX_VM -f FILE... -- SCRIPT, copies the files next to the script, and exits
# with the script's status ("linux-vm -a arm64 -k 6.12" of this project does).
# Prints what failing programs print and a count; exits with 0 if all passed.
set -euo pipefail
: "${LINUX_VM:?set it to the command that boots a kernel}"
[ $# -gt 0 ] || { sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }
script=$(mktemp)
trap 'rm -f "$script"' EXIT
cat >"$script" <<'END'
#!/bin/sh
passed=0 failed=0
while read -r name; do
  if timeout 60 "./$name" >/tmp/output 2>&1 </dev/null; then
    passed=$((passed + 1))
  else
    echo "FAIL $name (exit status $?)"
    tail -n 3 /tmp/output
    failed=$((failed + 1))
  fi
done <<NAMES
END
files=()
for program; do
  case $program in *.d) continue ;; esac  # what the build keeps beside them
  files+=(-f "$program")
  basename "$program" >>"$script"
done
cat >>"$script" <<'END'
NAMES
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
END
# The command may have words of its own.
# shellcheck disable=SC2086
$LINUX_VM "${files[@]}" -- "$script"
