# gdb knows nothing of the program, and asks; over TCP. Then it leaves.
# no file
# by port
# same run
handle SIGUSR1 nostop noprint pass
break store
# expect: Breakpoint 1 at
continue
# expect: store (value=1)
info auxv
# expect: AT_PHDR
info proc exe
detach
# expect: --- standard output
# expect: stores
# expect: parent
# status: 7
