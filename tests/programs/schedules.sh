#!/bin/sh
# schedules.sh FAULTLINE PROGRAM OTHER_PROGRAM
# A run is a function of its schedule: the same again leaves the same events,
# another one others, and a replay token repeats a run whatever made its choices.
faultline=$1 program=$2 other=$3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

fail() {
  echo "$*"
  failed=1
}

# events SCHEDULE NAME: runs PROGRAM; its trace is NAME, what --stats says of it
# NAME.stats, without what it calls approximate.
events() {
  "$faultline" run --stats --trace "$dir/$2" --schedule "$1" "$program" \
    >"$dir/$2.out" 2>"$dir/all.stats" || fail "$1: exit status $?"
  grep -v '(about)' "$dir/all.stats" >"$dir/$2.stats"
}
same() { cmp -s "$dir/$1" "$dir/$2" && cmp -s "$dir/$1.stats" "$dir/$2.stats"; }

for schedule in rr random:7; do
  events $schedule first
  events $schedule second
  same first second || fail "$schedule: two runs differ"
  grep -q '^trace hash 0x' "$dir/first.stats" || fail "$schedule: no hash"
  token=$(sed -n 's/^schedule //p' "$dir/first.stats")
  events "$token" replayed
  same first replayed || fail "$schedule: its replay differs"
  events "replay:@$dir/first" replayed
  same first replayed || fail "$schedule: its replay from the trace differs"
  mv "$dir/first.stats" "$dir/$schedule.stats"
done
events random:8 eight
hash() { sed -n 's/^trace hash //p' "$dir/$1.stats"; }
[ "$(hash rr)" != "$(hash random:7)" ] || fail 'rr and random:7 are the same'
[ "$(hash eight)" != "$(hash random:7)" ] || fail 'both seeds are the same'

# The token is that of random:7.
said=$("$faultline" run --schedule "$token" "$other" 2>&1 >/dev/null)
status=$?
[ $status = 2 ] || fail "a token of another program: exit status $status"
case $said in
  'faultline: --schedule: the replay token is of another run'*) ;;
  *) fail "a token of another program: $said" ;;
esac
exit $failed
