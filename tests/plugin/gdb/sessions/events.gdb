# Signals, system calls, threads, a fork, an exec.
handle SIGUSR1 stop print pass
continue
# expect: received signal SIGUSR1
print $_siginfo.si_signo
# expect: $1 = 10
break on_signal
continue
# expect: on_signal (signo=10)
delete
catch syscall munmap
tbreak work
continue
info threads
# expect: debugged
delete
catch syscall exit_group
catch fork
continue
# expect: Catchpoint
continue
# expect: Catchpoint
# expect: exit_group
kill
