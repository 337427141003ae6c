# Breakpoints, single steps, registers, memory.
handle SIGUSR1 nostop noprint pass
break store
continue
# expect: Breakpoint 1, store (value=1)
info registers pc
# expect: store
stepi
# expect: store(int value)
print watched
# expect: $1 = 0
finish
print watched
# expect: $2 = 1
next
# expect: Breakpoint 1, store (value=2)
set var value = 20
backtrace
# expect: in main (argc=1
delete 1
hbreak reached
continue
# expect: reached (what=
print watched
# expect: $3 = 3
print sum
# expect: $4 = 499500
x/s what
# expect: stores
info proc mappings
# expect: debugged
info auxv
# expect: AT_ENTRY
set var sum = 5
print sum
# expect: $5 = 5
print add(2)
# expect: $6 = 6
delete
continue
# expect: exited with code 07
# expect: --- standard output
# expect: stores
# expect: parent
# status: 7
