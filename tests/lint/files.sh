# Which files a lint looks at; sourced.

# Tracked files and new ones that are not ignored, less those deleted.
all_files() {
  git ls-files --cached --others --exclude-standard | sort -u |
    while read -r f; do if [ -f "$f" ]; then echo "$f"; fi; done
}

# changed_files [--all]
changed_files() {
  local base main
  for main in origin/main main; do
    base=$(git merge-base HEAD "$main" 2>/dev/null) && break
  done
  if [ "${1-}" = --all ] || [ -z "$base" ] ||
    [ "$base" = "$(git rev-parse HEAD)" ]; then
    all_files
    return
  fi
  { git diff --name-only --diff-filter=d "$base"
    git ls-files --others --exclude-standard; } | sort -u
}
