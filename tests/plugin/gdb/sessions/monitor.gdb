# This machine's own commands.
handle SIGUSR1 nostop noprint pass
monitor help
# expect: ptdump
monitor stop fault write
continue
# expect: write at 0x
monitor faults
# expect: task 100
monitor stop none
break reached
continue
monitor maps
# expect: debugged
monitor ptdump
monitor actors
# expect: debugged
monitor locks
monitor sites pte.
# expect: pte.
monitor stop point mmap_lock.locked
# expect: at mmap_lock.locked
delete
continue
# expect: is at mmap_lock.locked
monitor locks
# expect: has
monitor stop none
monitor bogus
# expect: unknown
kill
