# Every way back: instructions, lines, functions.
# same run
handle SIGUSR1 nostop noprint pass
break reached
continue
# expect: reached (what=
delete
reverse-finish
# expect: main (argc=1
reverse-next
# expect: reached("stores
reverse-step
# expect: store (value=3)
print watched
# expect: $1 = 3
reverse-finish
# expect: main (argc=1
print watched
# expect: $2 = 2
reverse-next
# expect: store(3);
print sum
# expect: $3 = 499500
reverse-next
# expect: add(1000);
print sum
# expect: $4 = 0
reverse-continue
# expect: No more reverse-execution history
stepi
reverse-stepi
reverse-stepi
# expect: No more reverse-execution history
break child_part
break store if value == 4
continue
# expect: store (value=4)
print sum
# expect: $5 = 499800
watch sum
reverse-continue
# expect: Old value = 499800
backtrace
# expect: add (n=11)
# expect: work
delete
continue
# expect: exited with code 07
# expect: --- standard output
# expect: stores
# expect: parent
# status: 7
