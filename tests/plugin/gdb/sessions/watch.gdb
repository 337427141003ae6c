# Watchpoints, and the way back to the store that wrote a value.
handle SIGUSR1 nostop noprint pass
watch watched
continue
# expect: Old value = 0
# expect: New value = 1
continue
# expect: Old value = 1
# expect: New value = 2
continue
# expect: Old value = 2
# expect: New value = 3
delete
break reached
continue
# expect: reached (what=
watch watched
reverse-continue
# expect: Old value = 3
# expect: New value = 2
backtrace
# expect: store (value=3)
reverse-continue
# expect: Old value = 2
# expect: New value = 1
delete
reverse-stepi
reverse-stepi
print watched
# expect: $1 = 1
break reached
continue
# expect: reached (what=
print watched
# expect: $2 = 3
delete
rwatch watched
reverse-continue
# expect: No more reverse-execution history
print watched
# expect: $3 = 0
delete
continue
# expect: exited with code 07
# expect: --- standard output
# expect: stores
# expect: parent
# status: 7
