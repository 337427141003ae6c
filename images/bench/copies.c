// copies HOW BYTES ROUNDS: copies BYTES, ROUNDS times, by "call", a read of a
// file in memory, whose kernel copies to the program, or by "memcpy".
#include <string.h>
#include <unistd.h>

#include "bench.h"

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const size_t bytes = Count(argv, 2), rounds = Count(argv, 3);
  const int by_call = strcmp(argv[1], "call") == 0;
  char* to = Map(bytes / kPage + 1);
  char* from = Map(bytes / kPage + 1);
  memset(from, 1, bytes);
  memset(to, 2, bytes);
  const int file = memfd_create("copied", 0);
  if (file < 0 || write(file, from, bytes) != (ssize_t)bytes) {
    perror("memfd");
    return 1;
  }
  for (size_t round = 0; round < rounds; round++) {
    if (by_call) {
      if (pread(file, to, bytes, 0) != (ssize_t)bytes) return 1;
    } else {
      memcpy(to, from, bytes);
      __asm__ volatile("" ::: "memory");
    }
  }
  return 0;
}
