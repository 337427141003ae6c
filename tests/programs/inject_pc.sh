#!/bin/sh
# inject_pc.sh FAULTLINE CRASH: `pc=` finds the program's functions: the first
# page fault is that of _start, main's come later.
faultline=$1 crash=$2
passing() {
  "$faultline" run --stats \
    --inject "mmap_lock.locked:pc=$1:nth=1=delay:1" "$crash" 2>&1 |
    sed -n 's/^injected delay:1 at passing \([0-9]*\) of mmap_lock.locked.*/\1/p'
}
start=$(passing _start) main=$(passing main)
[ "$start" = 1 ] || { echo "_start: passing '$start', not 1"; exit 1; }
[ "$main" -gt 20 ] || { echo "main: passing '$main'"; exit 1; }
"$faultline" run --inject mmap_lock.locked:pc=nowhere=delay "$crash" 2>/dev/null
[ $? = 2 ] || { echo "nowhere: a function"; exit 1; }
