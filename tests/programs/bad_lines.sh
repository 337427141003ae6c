#!/bin/bash
# bad_lines.sh FAULTLINE: what makes no sense is one line that says so, and
# status 2; a file that is not there is status 125.
# Covers: plugin/cli/main.cc
# Covers: plugin/cli/explore_command.cc
# Covers: plugin/cli/not_negative.h
faultline=$1
failed=0
# refused STATUS TEXT WORD...
refused() {
  local status=$1 text=$2 said got
  said=$("$faultline" "${@:3}" 2>&1)
  got=$?
  if [ $got != "$status" ] || [[ $said != "faultline: "*"$text"* ]] ||
    [ "$(wc -l <<<"$said")" != 1 ]; then
    printf 'faultline %s\n  status %s (not %s): %s\n' "${*:3}" $got "$status" "$said"
    failed=1
  fi
}

refused 2 'no command; `faultline --help`'
refused 2 "no command is called 'frobnicate'" frobnicate
refused 2 '--seed: -1 is negative' run --seed -1 /bin/true
refused 2 '--user: -1 is negative' run --user=-1 /bin/true
refused 2 '--time-limit: -5 is negative' sweep --time-limit -5 /bin/true
refused 2 '--seed: -1 is negative' script --seed -1 x.lua
refused 2 '--limit: -1 is negative' explore --limit -1 /bin/true
refused 2 'no claim P99; `faultline lab list`' lab show P99
refused 2 'claim P6 is no script' lab show P6
refused 2 '--mem is for programs' explore --mem 1G x.lua
refused 2 '--inject is for programs' explore --inject slab x.lua
refused 2 '--with-inject is for programs' explore --with-inject slab x.lua
refused 2 '--limit is for programs' explore --limit 4 x.lua
refused 2 '--schedule is one order' explore --schedule random /bin/true
refused 2 'not a replay token' replay fl
refused 125 '/no/such/file: no such file' run /no/such/file
refused 125 '/no/such/file: no such file' sweep --inject slab /no/such/file
refused 125 '/no/such/file: no such file' explore /no/such/file
refused 125 '/no/such/file: the file cannot be read' script /no/such/file
refused 125 '/no/such/file: the file cannot be read' merge /no/such/file
exit $failed
