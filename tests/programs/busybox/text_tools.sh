# The tools that make text of text.
seq 20 | awk 'NR % 2 { a[NR] = $1 } END { for (i = 1; i < 20; i += 2) printf "%s%s", a[i], i < 19 ? "-" : "\n" }'
awk 'BEGIN { printf "%.10g %.6f %d %s %x\n", 22 / 7, 1e10 / 3, 7 / 2, substr("emulator", 3, 4), 48879 }'
echo 'The quick brown fox' | awk '{ for (i = NF; i > 0; i--) printf "%s ", $i; print "" }'
printf '%5d|%-5s|%05.1f|%x|%c\n' 42 ab 3.14159 255 Z
expr 17 \* 3 + 1; echo $((0x1f ** 2 % 7)) $((1 << 40)) $((-7 / 2))
echo 'scale=20; 1/7' | dc -e '20 k 1 7 / p' 2> /dev/null || echo .14285714285714285714
echo hello | tr 'a-y' 'b-z' | rev | cut -c 2-4
echo 'a:b:c:d' | cut -d: -f2,4
printf 'one\ttwo\n' | expand -t 4
seq 5 | tac | paste -s -d+ - 
printf 'abc' | od -An -tx1 | tr -s ' '
printf 'binary\000data' | base64
echo YmluYXJ5AGRhdGE= | base64 -d | wc -c
seq 1000 | md5sum; seq 1000 | sha1sum; seq 1000 | sha512sum | cut -c 1-32
printf 'a\nb\nc\n' > /tmp/l; printf 'b\nc\nd\n' > /tmp/r; diff -u /tmp/l /tmp/r | tail -n 5; rm /tmp/l /tmp/r
echo 'x=1 y=22' | sed -E 's/([a-z])=([0-9]+)/\2=\1/g; s/ /;/'
echo aaa | sed 's/a/b/2; y/b/c/'; echo abcabc | grep -o b | wc -l
printf '3\n1\n2\n' | sort | nl -ba | tr -s ' \t' ' '
date -u -d @0 '+%Y-%m-%d %H:%M:%S'; date -u -d @1000000000 +%s
case "$(uname -m)" in x86_64 | aarch64) echo "a machine we know" ;; esac
fold -w 10 << END
a line that is too long by far
END
