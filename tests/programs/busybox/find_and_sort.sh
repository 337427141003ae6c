# A tree of files, searched, sorted and edited.
d=$(mktemp -d) && cd "$d" || exit 1
umask 022
for a in x y z; do
  for b in 1 2 3 4 5 6 7 8 9 10; do
    mkdir -p "$a/$b"
    seq "$b" "$((b * 3))" > "$a/$b/file.$a"
    [ "$b" -lt 4 ] && : > "$a/$b/empty"
  done
done
ln -s x/1 link
find . -type f | wc -l
find . -name 'file.y' -size -1 | wc -l
find . -empty -type f | sort
find . -type l -exec readlink {} \;
find x -name 'file*' -exec wc -l {} + | sort -n | tail -n 4
find . -name empty -exec rm {} \;; find . -type f | wc -l
find . -type f | xargs cat | sort -n | uniq -c | sort -k1,1nr -k2,2n | head -n 5 | sed 's/^ *//'
cat x/*/file.x y/*/file.y | sort -nu | tr '\n' ' '; echo
sed -i -e 's/^1/one/' -e '$a\end' x/10/file.x; head -n 2 x/10/file.x; tail -n 1 x/10/file.x
sed -n '/^12$/,/^15$/p' y/10/file.y | paste -s -d, -
printf 'b 2\na 10\nc 1\na 9\n' | sort -k1,1 -k2,2n
printf 'z\ny\nx\n' | sort -r | sort | tr -d '\n'; echo
cp -r x copy && diff -r x copy && echo "copies agree"
echo changed > copy/3/file.x; diff x/3/file.x copy/3/file.x | head -n 2
mv copy moved && [ ! -e copy ] && ls moved | wc -l
chmod 640 y/1/file.y; stat -c '%a %s %F' y/1/file.y
du -a z/1 | wc -l
rm -rf x y z moved link; ls -A | wc -l
cd / && rmdir "$d"
