# The child of a vfork, and its other program, beside its parent.
# arguments: vfork
# same run
handle SIGUSR1 nostop noprint pass
catch vfork
continue
# expect: Catchpoint 1 (vforked process
set follow-fork-mode child
set follow-exec-mode same
catch exec
continue
# expect: Catchpoint 2 (exec'd
break reached
continue
# expect: reached (what=
# expect: exited with code 07
continue
# expect: --- standard output
# expect: again
# expect: parent
# status: 7
