#!/bin/sh
# sites.sh FAULTLINE SOURCE_TREE: `faultline sites` names what the code defines,
# and nothing else.
faultline=$1 tree=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# Definitions may go over several lines: as one, from each type to its brace's
# end.
# Points of plugin/script are of machines without programs.
find "$tree/guest_mm" "$tree/plugin" -path "$tree/plugin/script" -prune -o '(' -name '*.h' -o -name '*.cc' ')' -print |
  xargs cat | sed 's,//.*,,' | tr -s '\n\t ' '   ' |
  grep -oE 'constexpr (mm::)?(PointSite|FailSite|LockClass) k[A-Za-z]+(\[[^]]*\])? ?(= )?\{[^;]*;' \
    >"$dir/definitions"
{
  # The lock's own name is a point; those of its other points and of its trylock
  # begin with it, what explains them does not.
  grep -oE '"[a-z][a-z0-9_.]*[a-z0-9]"' "$dir/definitions" | tr -d '"'
} | sort -u >"$dir/code"
"$faultline" sites --json | sed -n 's/^{"site":"\([^"]*\)".*/\1/p' | sort -u \
  >"$dir/list"
diff "$dir/code" "$dir/list"
