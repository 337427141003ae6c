# A signal that kills, and the way back from it.
# arguments: crash
handle SIGUSR1 nostop noprint pass
continue
# expect: received signal SIGSEGV
print $_siginfo.si_signo
# expect: $1 = 11
print $_siginfo._sifields._sigfault.si_addr
# expect: 0x10
backtrace
# expect: #0
watch watched
reverse-continue
# expect: Old value = 4
# expect: New value = 3
backtrace
# expect: store (value=4)
delete
continue
# expect: received signal SIGSEGV
continue
# expect: Program terminated with signal SIGSEGV
# expect: --- standard output
# expect: parent
# status: 139
