# A program that does not stop by itself; and the way back over all of that.
# arguments: spin
handle SIGUSR1 nostop noprint pass
break spin
continue
# expect: spin ()
delete
shell (sleep 2; kill -INT $PPID) >/dev/null 2>&1 &
continue
# expect: received signal SIGINT
print spins > 1000
# expect: $1 = 1
print spins
set var $there = $pc
stepi
stepi
stepi
reverse-stepi
reverse-stepi
reverse-stepi
print $pc == $there
# expect: $3 = 1
break spin
reverse-continue
# expect: spin ()
print spins
# expect: $4 = 0
watch spins if spins == 5000
continue
# expect: New value = 5000
delete
set var spun = 1
continue
# expect: exited with code 07
# expect: --- standard output
# expect: parent
# status: 7
