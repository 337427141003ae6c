// scale_vmas VMAS ROUNDS OPERATION: with VMAS mappings that cannot merge, each
// round does the operation 100 times in mappings spread over all of them:
//   map    mmap of a page wherever there is room, munmap of it
//   fixed  mmap of a page into a gap between two mappings, munmap of it
//   fault  a write fault and madvise(MADV_DONTNEED)
// Two runs that differ in ROUNDS tell what one costs among VMAS mappings.
#include <string.h>

#include "bench.h"

enum { kPerRound = 100 };

static char* arena;
static size_t vmas;

// Mappings lie at even pages of the arena; the odd ones are gaps.
static char* Vma(size_t i) { return arena + 2 * i * kPage; }

static void MapPage(char* at, int prot, int flags) {
  char* p = mmap(at, kPage, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  if (p == MAP_FAILED) {
    perror("mmap");
    exit(1);
  }
  if (at == NULL) {
    munmap(p, kPage);
  }
}

static void SetUp(void) {
  size_t bytes = 2 * vmas * kPage;
  arena = mmap(NULL, bytes, PROT_NONE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (arena == MAP_FAILED || munmap(arena, bytes) != 0) {
    perror("mmap");
    exit(1);
  }
  for (size_t i = 0; i < vmas; i++) {
    MapPage(Vma(i), PROT_READ | PROT_WRITE, MAP_FIXED);
  }
}

static void Operate(char operation, char* vma) {
  if (operation == 'f') {
    Write(vma);
    madvise(vma, kPage, MADV_DONTNEED);
  } else if (operation == 'x') {
    MapPage(vma + kPage, PROT_READ, MAP_FIXED);  // unlike its neighbours
    munmap(vma + kPage, kPage);
  } else {
    MapPage(NULL, PROT_READ, 0);
  }
}

int main(int argc, char** argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: scale_vmas VMAS ROUNDS map|fixed|fault\n");
    return 2;
  }
  vmas = Count(argv, 1);
  size_t rounds = Count(argv, 2);
  char operation = strcmp(argv[3], "map") == 0     ? 'm'
                   : strcmp(argv[3], "fixed") == 0 ? 'x'
                                                   : 'f';
  SetUp();
  for (size_t round = 0; round < rounds; round++) {
    for (size_t i = 0; i < kPerRound; i++) {
      Operate(operation, Vma(i * vmas / kPerRound));
    }
  }
  return 0;
}
