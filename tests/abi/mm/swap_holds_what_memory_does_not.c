// More memory than the machine has can be used, if swap has room: pages go and
// come without anyone asking, and none is mixed up with another.
// Options: --mem 32M --swap 64M

#include "../swap.h"

enum { kPages = 12 << 8 };  // 12 MiB each

static uint64_t Word(uint64_t who, uint64_t page) {
  return who << 32 | (page * 2654435761u & 0xffffffff);
}

static char* g_area;
static int g_who;

static void Fill(void) {
  for (uint64_t i = 0; i < kPages; i++) {
    uint64_t* at = (uint64_t*)(g_area + i * kPage);
    at[0] = at[511] = Word((uint64_t)g_who, i);
  }
}
static void CheckFilled(void) {
  for (uint64_t i = 0; i < kPages; i++) {
    uint64_t* at = (uint64_t*)(g_area + i * kPage);
    CHECK_EQ(at[0], Word((uint64_t)g_who, i));
    CHECK_EQ(at[511], Word((uint64_t)g_who, i));
  }
}

static void Work(void) {
  g_area = Anonymous(kPages, kReadWrite);
  MUST(madvise(g_area, kPages * kPage, MADV_NOHUGEPAGE));
  for (int round = 0; round < 2; round++) {
    Fill();
    CheckFilled();
  }
}

int main(void) {
  pid_t children[4];
  fflush(stdout);
  for (g_who = 1; g_who <= 4; g_who++) {
    children[g_who - 1] = MUST(fork());
    if (children[g_who - 1] == 0) {
      Work();
      _exit(0);
    }
  }
  for (int i = 0; i < 4; i++) {
    int status = -1;
    CHECK_EQ(MUST(waitpid(children[i], &status, 0)), children[i]);
    CHECK_EQ(status, 0);
  }
  Ok("every page holds what was stored in it");
  return 0;
}
