# Pipelines, subshells, background jobs, substitution, traps, exit statuses.
seq 1 1000 | grep 7 | sed 's/7/<7>/g' | tail -n 3
seq 100 | awk '{ s += $1 * $1 } END { print "squares", s }'
(cd / && pwd; exit 7); echo "subshell left $?"
echo "nested $(echo $(echo $(echo deep | tr a-z A-Z)))"
for i in 1 2 3 4 5; do (sleep 0.$i; echo "job $i") & done; wait; echo "all jobs done"
false | true; echo "pipeline status $?"
! true; echo "negated $?"
yes | head -n 20000 | wc -l
i=0; while [ $i -lt 100 ]; do sh -c "exit $i" ; s=$((${s:-0} + $?)); i=$((i + 1)); done; echo "statuses $s"
sh -c 'trap "echo caught USR1" USR1; kill -USR1 $$; echo after'
sh -c 'kill -TERM $$; echo not reached'; echo "killed $?"
trap 'echo leaving' EXIT
count=$(seq 50 | while read -r n; do echo "$n"; done | wc -l); echo "read $count lines"
f() { local x=$1; [ "$x" -le 1 ] && echo 1 || echo $((x * $(f $((x - 1))))); }
echo "12! = $(f 12)"
echo a b c | xargs -n 1 echo item
seq 300 | xargs -n 10 sh -c 'echo $#' | sort | uniq -c | sed 's/^ *//'
