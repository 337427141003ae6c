# Threads: who they are, one by itself, and their end.
handle SIGUSR1 nostop noprint pass
break work
continue
# expect: work (argument=0xa)
info threads
# expect: Thread 100.100
# expect: Thread 100.101
# expect: Thread 100.102
thread apply all -ascending print $_thread
# expect: $1 = 1
# expect: $2 = 2
# expect: $3 = 3
delete
break add thread 3
continue
# expect: add (n=11)
print $_thread
# expect: $4 = 3
thread 1
# expect: Switching to thread 1
backtrace
# expect: in main (argc=1
set scheduler-locking on
thread 3
finish
# expect: Value returned
set scheduler-locking off
delete
break reached if what[0] == 'p'
continue
# expect: reached (what=
info threads
# expect: Thread 100.100
# never: Error in
detach
# expect: detached
# expect: --- standard output
# expect: parent
# status: 7
