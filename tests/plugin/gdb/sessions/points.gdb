# Where the machine leaves user code after each instruction to let others run.
# options: --points user:add
handle SIGUSR1 nostop noprint pass
break store
continue
# expect: store (value=1)
delete
break add if n == 11
continue
# expect: add (n=11)
stepi
# expect: for (long
delete
watch sum
continue
# expect: Old value =
backtrace
# expect: add
reverse-stepi
delete
continue
# expect: exited with code 07
# expect: --- standard output
# expect: parent
# status: 7
