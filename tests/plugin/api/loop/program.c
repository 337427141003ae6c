/* loop KIND ROUNDS: the rounds as a Linux program. */

#include <stdint.h>
#include <stdlib.h>

void rounds(uint64_t kind, uint64_t n, void* buffer);

static char buffer[1 << 16] __attribute__((aligned(4096)));

int main(int argc, char** argv) {
  if (argc != 3) {
    return 2;
  }
  /* There from the start, as a bare machine's is: no fault makes an
   * instruction count twice. */
  for (unsigned i = 0; i < sizeof buffer; i += 4096) {
    ((volatile char*)buffer)[i] = 0;
  }
  rounds(strtoul(argv[1], NULL, 10), strtoul(argv[2], NULL, 10), buffer);
  return 0;
}
