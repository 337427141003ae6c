// The addresses in /proc/self/stat lie where they should: the code in an
// executable mapping, data, heap and stack in theirs, arguments and
// environment on the stack. statm's text is the size of the code.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

enum {
  kStartCode = 26,
  kEndCode = 27,
  kStartStack = 28,
  kStartData = 45,
  kEndData = 46,
  kStartBrk = 47,
  kArgStart = 48,
  kArgEnd = 49,
  kEnvStart = 50,
  kEnvEnd = 51,
  kFields = 52
};

static int g_data = 1;
static unsigned long g_field[kFields + 1];

static void ReadStat(void) {
  char text[2048] = {0};
  int file = MUST(open("/proc/self/stat", O_RDONLY));
  CHECK(read(file, text, sizeof text - 1) > 0);
  char* at = strrchr(text, ')') + 4;  // behind the state, field 3
  for (int i = 4; i <= kFields; i++) g_field[i] = strtoul(at, &at, 10);
  CHECK_EQ(*at, '\n');
}

static void CheckIn(int field, const char* perms, const char* name) {
  struct MapsLine line;
  CHECK(FindMap((void*)g_field[field], &line));
  CHECK_EQ(strcmp(line.perms, perms), 0);
  CHECK(strstr(line.name, name) != NULL);
}

int main(int argc, char** argv) {
  (void)argc;
  MUST((intptr_t)sbrk(kPage));
  ReadStat();
  CheckIn(kStartCode, "r-xp", "/");
  CHECK((uintptr_t)&main >= g_field[kStartCode]);
  CHECK((uintptr_t)&main < g_field[kEndCode]);
  CHECK((uintptr_t)&g_data >= g_field[kStartData]);
  CHECK((uintptr_t)&g_data < g_field[kEndData]);
  Ok("code and data");

  CheckIn(kStartBrk, "rw-p", "[heap]");
  CheckIn(kStartStack, "rw-p", "[stack]");
  CHECK_EQ((uintptr_t)argv[0], g_field[kArgStart]);
  CHECK_EQ(g_field[kArgEnd], g_field[kEnvStart]);
  CHECK(g_field[kEnvStart] <= g_field[kEnvEnd]);
  Ok("heap, stack, arguments, environment");

  FILE* statm = fopen("/proc/self/statm", "r");
  long text;
  CHECK_EQ(fscanf(statm, "%*d %*d %*d %ld", &text), 1);
  CHECK_EQ(text, (long)((g_field[kEndCode] + kPage - 1) / kPage -
                        g_field[kStartCode] / kPage));
  Ok("statm counts the code's pages");
}
