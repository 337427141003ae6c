#ifndef FAULTLINE_PLUGIN_API_SHIPPED_TALLY_H_
#define FAULTLINE_PLUGIN_API_SHIPPED_TALLY_H_

/* Lines of four words, and how often there was each; kept in a file to which
 * every run adds. */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kText = 96, kLine = 4 * kText, kLines = 4096 };

static char tally[kLines][kLine];
static uint64_t tally_counts[kLines];
static size_t tally_lines;
static uint64_t tally_lost; /* for want of room */

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
  ++tally_lost;
}

/* The nth word of a line. */
static char* TallyWord(const char* line, int nth) {
  static char words[4][kText];
  memset(words, 0, sizeof words);
  sscanf(line, "%95s %95s %95s %95s", words[0], words[1], words[2], words[3]);
  return words[nth];
}

/* Where `name` is among `names`, "a+b+c"; null: it is not. */
static char* FindName(char* names, const char* name) {
  const size_t size = strlen(name);
  for (char* at = names; (at = strstr(at, name)) != NULL; ++at) {
    if ((at == names || at[-1] == '+') && (at[size] == 0 || at[size] == '+')) {
      return at;
    }
  }
  return NULL;
}
/* Nothing if there is no room. */
static void AddName(char names[kText], const char* name) {
  if (strlen(names) + strlen(name) + 1 < kText) {
    strcat(strcat(names, names[0] == 0 ? "" : "+"), name);
  }
}
static void RemoveName(char names[kText], const char* name) {
  char* const at = FindName(names, name);
  if (at != NULL) {
    const char* const next = at + strlen(name) + (at[strlen(name)] == '+');
    memmove(at, next, strlen(next) + 1);
    const size_t size = strlen(names);
    if (size > 0 && names[size - 1] == '+') {
      names[size - 1] = 0;
    }
  }
}

/* How many lines have `text` among the names of their nth word. */
static size_t TallyOf(int nth, const char* text) {
  size_t n = 0;
  for (size_t i = 0; i < tally_lines; ++i) {
    n += FindName(TallyWord(tally[i], nth), text) != NULL;
  }
  return n;
}

/* How many different nth words there are. */
static size_t TallyDifferent(int nth) {
  static char words[kLines][kText];
  size_t n = 0;
  for (size_t i = 0; i < tally_lines; ++i) {
    const char* const word = TallyWord(tally[i], nth);
    size_t j = 0;
    while (j < n && strcmp(words[j], word) != 0) {
      ++j;
    }
    if (j == n && strcmp(word, "-") != 0) {
      strcpy(words[n++], word);
    }
  }
  return n;
}

/* Adds what the file has of runs before; false: it is of something else. */
static bool TallyRead(const char* path) {
  char line[kLine], words[4][kText];
  uint64_t count;
  bool sound = true;
  FILE* const f = fopen(path, "r");
  while (sound && f != NULL && fgets(line, sizeof line, f) != NULL) {
    sound = sscanf(line, "%95s %95s %95s %95s %" SCNu64, words[0], words[1],
                   words[2], words[3], &count) == 5;
    if (sound) {
      *strrchr(line, ' ') = 0;
      TallyAdd(line, count);
    }
  }
  if (f != NULL) {
    fclose(f);
  }
  return sound;
}

/* false: it could not be written. */
static bool TallyWrite(const char* path) {
  FILE* const f = fopen(path, "w");
  if (f == NULL) {
    return false;
  }
  for (size_t i = 0; i < tally_lines; ++i) {
    fprintf(f, "%s %" PRIu64 "\n", tally[i], tally_counts[i]);
  }
  return fclose(f) == 0;
}

#endif /* FAULTLINE_PLUGIN_API_SHIPPED_TALLY_H_ */
