# Who tests what; sourced. A source's own test is tests/SOURCE with _test.cc for
# .cc. Any other test says in a line of its head comment, once or more,
#   // Covers: SOURCE...   (or # Covers: in a script)
# which other sources it tests as well; ./dev coverage holds it to that.

# "TEST SOURCE", a line each, of every claim in $LINT_FILES.
covers() {
  grep -E '^tests/.*\.(c|cc|sh)$' <<<"$LINT_FILES" |
    xargs grep -HE '^(//|#) Covers: ' /dev/null |
    while IFS=: read -r test _ sources; do
      for source in ${sources#*Covers:}; do echo "$test $source"; done
    done
}
