# The child of a fork is followed into another program.
handle SIGUSR1 nostop noprint pass
set follow-fork-mode child
catch exec
break child_part
continue
# expect: child_part
continue
# expect: Catchpoint 1 (exec'd
continue
# expect: exited with code 07
# expect: --- standard output
# expect: child
# expect: again
# expect: parent
# status: 7
