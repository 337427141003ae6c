# Thirty megabytes through a pipe and from a file, hashed.
dd if=/dev/zero bs=1M count=30 2> /dev/null | sha256sum
f=$(mktemp); seq 1 1500000 | head -c 10000000 > "$f"; sha256sum < "$f"; cat "$f" "$f" "$f" | sha256sum; wc -c < "$f"; rm "$f"
