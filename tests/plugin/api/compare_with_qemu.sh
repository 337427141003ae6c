#!/usr/bin/env bash
# compare_with_qemu.sh FAULTLINE ARCH PROGRAM IMAGE PLUGINS [KIND...]
# Loads each plug-in of the folder PLUGINS into Debian's QEMU, which runs the
# bare-metal IMAGE, and into FAULTLINE, which runs PROGRAM. Both do the same
# rounds (loop/rounds_*.S), so what four more rounds add to each of a plug-in's
# counts is the same, or the test fails. 77: this QEMU cannot load them.
set -euo pipefail
faultline=$1 arch=$2 program=$3 image=$4 plugins=$5
# Of version 1: QEMU 7.2, in which each iteration of a string instruction
# begins anew and 16 bytes are two accesses. Here it is as in QEMU 10.
old=no
case $plugins in */v1) old=yes ;; esac
kinds=(0 1 2 3 4 5 6 7)
[ $# = 5 ] || kinds=("${@:6}")

# qemu KIND ROUNDS PLUGIN: what the plug-in printed.
qemu() {
  local board at
  case $arch in
    x86_64)
      board=(qemu-system-x86_64 -M pc,accel=tcg -bios "$image"
        -device isa-debug-exit,iobase=0xf4,iosize=4)
      at=0x7000 ;;
    arm64)
      board=(qemu-system-aarch64 -M virt -kernel "$image")
      at=0x40800000 ;;
  esac
  # isa-debug-exit has a status of its own.
  timeout 60 "${board[@]}" -cpu max -m 64 -nodefaults -display none \
    -device "loader,addr=$at,data=$1,data-len=8" \
    -device "loader,addr=$((at + 8)),data=$2,data-len=8" \
    -plugin "$3" -d plugin 2>&1 || [ $? = 99 ]
}
here() { "$faultline" run --plugin "$3" "$program" "$1" "$2" 2>&1; }

# tally COMMAND KIND ROUNDS PLUGIN: notes each count, and for each name the
# count that was seen the most often. On a busy machine QEMU's own timers end a
# block before its first instruction, which then begins again, or a string
# instruction between two of its parts: one count in ten is off by one.
declare -A seen usual
tally() {
  local name count key
  while read -r name count; do
    key="$1 $4 $2 $3 $name"
    names[$name]=1
    seen[$key $count]=$((${seen[$key $count]:-0} + 1))
    [ "${seen[$key $count]}" -le "${seen[$key ${usual[$key]:-none}]:-0}" ] ||
      usual[$key]=$count
  done < <("$1" "$2" "$3" "$4")
}

# added COMMAND KIND PLUGIN: sets `added` to "name difference" for each count.
added() {
  local name few more
  declare -A names=()
  tally "$1" "$2" 10 "$3"
  tally "$1" "$2" 14 "$3"
  added=
  for name in $(printf '%s\n' "${!names[@]}" | sort); do
    # A bare machine has nobody to tell of calls and returns. QEMU 7.2 does
    # inline operations for loads and stores alike, whichever was asked for.
    case $name,$old in entered,* | returned,* | inline_*,yes) continue ;; esac
    few=${usual[$1 $3 $2 10 $name]} more=${usual[$1 $3 $2 14 $name]}
    added+="$name $((more - few))"$'\n'
  done
}

if ! qemu 0 1 "$plugins/insns.so" >/dev/null; then
  echo "no qemu-system of $arch that loads $plugins"
  exit 77
fi
status=0
for plugin in insns.so,call=on blocks.so calls.so accesses.so pages.so; do
  for kind in "${kinds[@]}"; do
    # A bare machine also runs what answers a system call.
    case $plugin,$kind in insns*,5 | blocks*,5) continue ;; esac
    case $old,$plugin,$kind in
      yes,insns*,[37] | yes,blocks*,[37] | yes,accesses*,[1347]) continue ;;
    esac
    added here "$kind" "$plugins/$plugin"
    ours=$added
    for _ in 1 2 3 4 5 6 7 8; do
      added qemu "$kind" "$plugins/$plugin"
      there=$added
      [ "$there" = "$ours" ] && break
    done
    if [ "$there" = "$ours" ] && [ -n "$ours" ]; then
      echo "same    $plugin, kind $kind:" $ours
    else
      echo "differs $plugin, kind $kind"
      diff <(echo "$there") <(echo "$ours") || true
      status=1
    fi
  done
done
exit $status
