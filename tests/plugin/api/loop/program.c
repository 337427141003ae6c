/* loop KIND ROUNDS: the rounds as a Linux program. */

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

void rounds(uint64_t kind, uint64_t n, void* buffer);

int main(int argc, char** argv) {
  enum { kBytes = 1 << 18 };
  if (argc != 3) {
    return 2;
  }
  /* There from the start, as a bare machine's memory is: no fault makes an
   * instruction count twice. */
  void* const buffer = mmap(NULL, kBytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (buffer == MAP_FAILED) {
    return 1;
  }
  rounds(strtoul(argv[1], NULL, 10), strtoul(argv[2], NULL, 10), buffer);
  return 0;
}
