# What gdb changes is changed again on the way back and forth.
break store if value == 2
continue
# expect: store (value=2)
set var value = 40
finish
print watched
# expect: $1 = 40
set var watched = 50
handle SIGUSR1 stop print pass
continue
# expect: received signal SIGUSR1
delete
break reached if what[0] == 'p'
signal 0
# expect: reached (what=
print handled
# expect: $2 = 0
delete
break store if value == 3
reverse-continue
# expect: store (value=3)
print watched
# expect: $3 = 50
delete
watch watched
continue
# expect: Old value = 50
# expect: New value = 3
delete
# Another future than the one that was: now the signal is delivered.
continue
# expect: SIGUSR1
break on_signal
continue
# expect: on_signal (signo=10)
kill
# status: 137
