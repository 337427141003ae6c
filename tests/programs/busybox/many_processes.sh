# Two hundred processes one after the other, twenty at once, signals among them.
i=0; while [ $i -lt 200 ]; do /proc/self/exe true 2> /dev/null || true; i=$((i + 1)); done; echo "ran $i"
i=0; n=0; while [ $i -lt 200 ]; do n=$((n + $(echo 1))); i=$((i + 1)); done; echo "counted $n"
i=0; while [ $i -lt 20 ]; do sleep 100 & pids="$pids $!"; i=$((i + 1)); done; kill $pids; wait; echo "twenty sleepers gone"
sleep 100 & kill -STOP $!; kill -CONT $!; kill $!; wait $!; echo "stopped, continued, killed: $?"
timeout 0.05 sleep 10; echo "timeout: $?"
sh -c 'exec sh -c "exec sh -c \"echo thrice replaced\""'
(ulimit -n 20; ulimit -n)
sh -c 'echo $PPID' | { read -r p; [ "$p" -gt 0 ] && echo "has a parent"; }
nice -n 5 nice 2> /dev/null || echo 5
env -i A=1 /proc/self/exe env 2> /dev/null || env -i A=1 env
