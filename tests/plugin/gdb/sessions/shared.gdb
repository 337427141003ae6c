# Shared libraries, which gdb reads where the guest has them.
# no file
# same run
break main
continue
# expect: main (argc=1
info sharedlibrary
# expect: Yes
# expect: libc.so.6
handle SIGUSR1 nostop noprint pass
break write
continue
# expect: write (
backtrace
# expect: in reached (what=
reverse-finish
# expect: reached (what=
delete
watch watched
reverse-continue
# expect: Old value = 3
backtrace
# expect: store (value=3)
delete
continue
# expect: exited with code 07
# expect: --- standard output
# expect: parent
# status: 7
