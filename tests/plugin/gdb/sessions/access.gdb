# Loads and stores, of the program and of the kernel for it.
break add
continue
# expect: add (n=1000)
rwatch watched
awatch sum
continue
# expect: access (read/write) watchpoint 3: sum
# expect: Value = 0
continue
# expect: access (read/write) watchpoint 3: sum
delete
# A system call reads a path into memory: the kernel stores there.
break getting
continue
# expect: getting (
watch path[0]
continue
# expect: Hardware watchpoint
# expect: Old value = 0
# expect: New value = 47
reverse-continue
# expect: Old value = 47
# expect: New value = 0
print path[0]
# expect: $1 = 0
delete
catch signal SIGUSR1
continue
# expect: Catchpoint
# expect: (signal SIGUSR1)
catch syscall write
continue
# expect: (call to syscall write)
continue
# expect: (returned from syscall write)
reverse-continue
# expect: (call to syscall write)
kill
# status: 137
