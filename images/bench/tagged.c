// tagged MODE ROUNDS: a list of objects in 64 KiB is walked, read and written,
// ROUNDS times. MODE: "untagged", in plain memory; "uniform", in memory with
// tags, the same for each page; "mixed", with a tag for each object. Tags are
// checked synchronously in the last two.
#include <string.h>
#include <sys/prctl.h>

#include "bench.h"

enum {
  kPages = 16,
  kWords = 6,  // of an object's data
  kProtTags = 0x20,
  kSetTaggedAddresses = 55,
  kSynchronous = 3 | 0xfffe << 3,
};

struct Object {
  struct Object* next;
  uint64_t more;
  uint64_t words[kWords];
};

#ifdef __aarch64__
static char* Tag(char* p, size_t bytes, unsigned tag) {
  p = (char*)((uintptr_t)p | (uintptr_t)tag << 56);
  for (size_t i = 0; i < bytes; i += 16) {
    __asm__ volatile(".arch armv8.5-a+memtag\n\tstg %0, [%0]" ::"r"(p + i)
                     : "memory");
  }
  return p;
}
#else
static char* Tag(char* p, size_t bytes, unsigned tag) {
  (void)bytes, (void)tag;
  return p;
}
#endif

static struct Object* MakeList(const char* mode) {
  const int mixed = strcmp(mode, "mixed") == 0;
  const int tagged = mixed || strcmp(mode, "uniform") == 0;
  char* memory = Map(kPages);
  if (tagged) {
    mprotect(memory, kPages * kPage, PROT_READ | PROT_WRITE | kProtTags);
    if (prctl(kSetTaggedAddresses, kSynchronous, 0, 0, 0) != 0) {
      perror("prctl");
      exit(1);
    }
  }
  struct Object* list = NULL;
  for (size_t i = 0; i < kPages * kPage / sizeof(struct Object); i++) {
    char* at = memory + i * sizeof(struct Object);
    const size_t unit = mixed ? i : i * sizeof(struct Object) / kPage;
    if (tagged) at = Tag(at, sizeof(struct Object), 1 + unit % 15);
    struct Object* object = (struct Object*)at;
    object->next = list;
    list = object;
  }
  return list;
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  struct Object* const list = MakeList(argv[1]);
  uint64_t sum = 0;
  for (size_t round = 0; round < Count(argv, 2); round++) {
    for (struct Object* o = list; o != NULL; o = o->next) {
      for (int i = 0; i < kWords; i++) {
        sum = sum * 31 + (o->words[i] ^ (sum >> 7));
      }
      o->words[sum % kWords] = sum;
    }
  }
  printf("%lx\n", (unsigned long)sum);
  return 0;
}
