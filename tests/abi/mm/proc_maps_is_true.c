// /proc/self/maps names program, heap, stack and files, in address order,
// with their protections and offsets.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

static int g_data = 1;

int main(void) {
  struct MapsLine line;
  char program[256] = {0};
  MUST(readlink("/proc/self/exe", program, sizeof program - 1));
  CHECK(FindMap((void*)&main, &line));
  CHECK_EQ(strcmp(line.perms, "r-xp"), 0);
  CHECK_EQ(strcmp(line.name, program), 0);
  CHECK(FindMap(&g_data, &line));
  CHECK_EQ(strcmp(line.perms, "rw-p"), 0);
  int on_stack;
  CHECK(FindMap(&on_stack, &line));
  CHECK_EQ(strcmp(line.name, "[stack]"), 0);
  Ok("program, data, stack");

  int file = LetterFile(3);
  char* map = MUST(mmap(NULL, kPage, PROT_READ, MAP_SHARED, file, 2 * kPage));
  struct stat st;
  MUST(fstat(file, &st));
  CHECK(FindMap(map, &line));
  CHECK_EQ(strcmp(line.perms, "r--s"), 0);
  CHECK_EQ(line.offset, 2 * kPage);
  CHECK_EQ(line.inode, st.st_ino);
  CHECK_EQ(strcmp(line.name, "/memfd:letters (deleted)"), 0);
  Ok("a memfd by its name");

  FILE* maps = fopen("/proc/self/maps", "r");
  char text[512];
  unsigned long last = 0, start, end;
  while (fgets(text, sizeof text, maps)) {
    CHECK_EQ(sscanf(text, "%lx-%lx", &start, &end), 2);
    CHECK(start < end);
    CHECK(start >= last);
    last = strstr(text, "[vsyscall]") ? last : end;
  }
  Ok("in order, without overlap");
}
