# Both sides of a fork are held.
# same run
handle SIGUSR1 nostop noprint pass
set detach-on-fork off
set schedule-multiple off
catch fork
continue
# expect: Catchpoint 1 (forked process
next
info inferiors
# expect: process 100
# expect: process 10
inferior 2
break child_part
set schedule-multiple on
continue
# expect: child_part
delete
continue
# expect: exited with code 07
inferior 1
continue
# expect: exited with code 07
# expect: --- standard output
# expect: again
# expect: parent
# status: 7
