#!/bin/bash
# pipeline.sh FAULTLINE BUSYBOX: a reader that leaves ends the writer as on
# Linux: by SIGPIPE, or by EPIPE if the program ignores that.
faultline=$1 busybox=$2
set -o pipefail
line=$("$faultline" run "$busybox" yes 2>/dev/null | head -n 1)
status=$?
[ "$line" = y ] || { echo "the first line: $line"; exit 1; }
[ $status = 141 ] || { echo "exit status $status"; exit 1; }
said=$({ "$faultline" run "$busybox" sh -c "trap '' PIPE; yes" | head -n 1; } 2>&1)
case $said in
  *'Broken pipe'*) ;;
  *) echo "with SIGPIPE ignored: $said"; exit 1 ;;
esac
