# Compress, archive, restore: the same bytes come back.
d=$(mktemp -d) && cd "$d" || exit 1
seq 1 200000 | gzip | gunzip | md5sum
seq 1 100000 > numbers; gzip -9 numbers; [ -e numbers ] || echo "only numbers.gz"
gunzip -c numbers.gz | tail -n 1; zcat numbers.gz | wc -c; gzip -t numbers.gz && echo "whole"
mkdir tree; for i in 1 2 3 4 5; do seq "$i" "${i}000" > "tree/f$i"; done; ln -s f1 tree/link
tar cf - tree | gzip > tree.tgz; mv tree old; tar xzf tree.tgz; diff -r old tree && echo "trees agree"
readlink tree/link; tar tzf tree.tgz | wc -l
find tree -type f | cpio -o -H newc 2> /dev/null | cpio -t 2> /dev/null | sort
head -c 3000000 /dev/zero | gzip -c | gunzip -c | cmp - /dev/zero 2> /dev/null; head -c 3000000 /dev/zero | gzip | zcat | wc -c
printf 'broken' | gunzip > /dev/null 2>&1 || echo "not a gzip file"
seq 1 20000 | bzip2 | bunzip2 | md5sum
cd / && rm -rf "$d"
