# Stops that only this machine has, forwards and back; and what can be asked
# and made there.
handle SIGUSR1 nostop noprint pass
break reached
continue
# expect: reached (what=
delete
monitor position
# expect: epoch
monitor stop point mmap_lock.locked
# expect: at mmap_lock.locked
continue
# expect: debugged/100 is at mmap_lock.locked
set var $first = $pc
monitor locks
# expect: has mmap_lock
monitor actors
# expect: holds mmap_lock
python
try:
  gdb.execute("set var watched = 70")
except gdb.error as error:
  print(error)
end
# expect: Cannot access memory
continue
# expect: is at mmap_lock.locked
reverse-continue
# expect: is at mmap_lock.locked
print $pc == $first
# expect: $1 = 1
monitor stop none
# expect: at nothing
monitor stop fault write
continue
# expect: write at 0x
monitor stop none
monitor faults
# expect: write at 0x
monitor stop fault nonsense
# expect: nonsense: there is no such fault
monitor inject nonsense
# expect: nonsense
# From here on the kernel can copy nothing: the child cannot become another.
monitor inject usercopy
continue
# expect: exited with code 01
# never: again
# status: 1
