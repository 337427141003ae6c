// Dies as programs do: a store through a pointer to something that is gone.
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int main(void) {
  char* page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  strcpy(page, "still here");
  puts(page);
  munmap(page, 4096);
  fflush(stdout);
  strcpy(page, "gone");
  return 0;
}
