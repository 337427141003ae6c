# Every way to redirect.
d=$(mktemp -d) && cd "$d" || exit 1
echo one > f; echo two >> f; cat < f
{ echo out; echo err >&2; } > both 2>&1; cat both
{ echo out; echo err >&2; } 2> /dev/null
exec 3> third; echo "to three" >&3; exec 3>&-; cat third
exec 4< f; read -r a <&4; read -r b <&4; echo "$b $a"; exec 4<&-
cat << END
here $((6 * 7)) document
END
cat << 'END'
no $((expansion))
END
echo swapped 3>&1 1>&2 2>&3 3>&- | cat
set -C; echo again 2> /dev/null > f || echo "noclobber kept f"; set +C
wc -c < f
echo x >&9 || echo "no descriptor 9"
cat nowhere 2> errors; echo "status $?"; [ -s errors ] && echo "an error was written"
: > empty; [ -s empty ] || echo "empty is empty"
ls -l /proc/self/fd | wc -l | { read -r n; [ "$n" -ge 3 ] && echo "descriptors are listed"; }
printf '%s\n' one two three | tee copy | wc -l; cat copy
cd / && rm -r "$d" && echo "gone"
