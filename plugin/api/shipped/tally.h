#ifndef FAULTLINE_PLUGIN_API_SHIPPED_TALLY_H_
#define FAULTLINE_PLUGIN_API_SHIPPED_TALLY_H_

/* Lines of four words, and how often there was each; kept in a file to which
 * every run adds. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kText = 96, kLine = 4 * kText, kLines = 4096 };

static char tally[kLines][kLine];
static uint64_t tally_counts[kLines];
static size_t tally_lines;

/* The start of `text`, as a string. */
static void Copy(char* to, const char* text, size_t size) {
  size = size < kText - 1 ? size : kText - 1;
  memcpy(to, text, size);
  to[size] = 0;
}

static void TallyAdd(const char* line, uint64_t count) {
  for (size_t i = 0; i < kLines; ++i) {
    if (i == tally_lines) {
      strcpy(tally[tally_lines++], line);
    }
    if (strcmp(tally[i], line) == 0) {
      tally_counts[i] += count;
      return;
    }
  }
}

/* The lines with `text` in their nth word; null: how many different words. */
static size_t TallyCount(int nth, const char* text) {
  static char words[kLines][kText];
  size_t n = 0;
  for (size_t i = 0; i < tally_lines; ++i) {
    char word[4][kText];
    sscanf(tally[i], "%95s %95s %95s %95s", word[0], word[1], word[2], word[3]);
    if (text != NULL) {
      n += strstr(word[nth], text) != NULL;
      continue;
    }
    size_t j = 0;
    while (j < n && strcmp(words[j], word[nth]) != 0) {
      ++j;
    }
    if (j == n && strcmp(word[nth], "-") != 0) {
      strcpy(words[n++], word[nth]);
    }
  }
  return n;
}

/* Adds what the file has of runs before, and writes all of it. */
static void TallyFile(const char* path) {
  char line[kLine];
  FILE* f = fopen(path, "r");
  while (f != NULL && fgets(line, sizeof line, f) != NULL) {
    char* const count = strrchr(line, ' ');
    if (count != NULL) {
      *count = 0;
      TallyAdd(line, strtoull(count + 1, NULL, 10));
    }
  }
  if (f != NULL) {
    fclose(f);
  }
  f = fopen(path, "w");
  for (size_t i = 0; f != NULL && i < tally_lines; ++i) {
    fprintf(f, "%s %" PRIu64 "\n", tally[i], tally_counts[i]);
  }
  if (f != NULL) {
    fclose(f);
  }
}

#endif /* FAULTLINE_PLUGIN_API_SHIPPED_TALLY_H_ */
