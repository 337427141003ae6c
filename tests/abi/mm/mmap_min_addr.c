// /proc/sys/vm/mmap_min_addr says what needs a privilege to be mapped. Hints,
// searches and growing stacks keep above a floor that it cannot lower.
// Covers: guest_mm/calls/unmapped_area.cc
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

#if defined(__x86_64__)
enum { kFloor = 65536 };
#elif defined(__aarch64__)
enum { kFloor = 32768 };
#endif

static void SetMinimum(const char* text) {
  int fd = MUST(open("/proc/sys/vm/mmap_min_addr", O_WRONLY));
  CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
  close(fd);
}

static void* At(uintptr_t address, int flags) {
  return mmap((void*)address, kPage, kReadWrite,
              MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

static void Unprivileged(void) {
  MUST(setuid(1000));
  CHECK_EQ(At(0, MAP_FIXED), 0);
  MUST(munmap(0, kPage));
}

static void UnprivilegedUnderMinimum(void) {
  MUST(setuid(1000));
  CHECK_FAILS(At(kFloor - kPage, MAP_FIXED), EPERM);
  CHECK_EQ(At(kFloor, MAP_FIXED), kFloor);
  CHECK_FAILS(mremap((void*)kFloor, kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED,
                     (void*)0),
              EPERM);
}

static void GrowUnderFloor(void) {
  At(kFloor + kPage, MAP_FIXED | MAP_GROWSDOWN);
  CHECK_NO_FAULT(Write((char*)(uintptr_t)kFloor));
  CHECK_FAULT(Write((char*)(uintptr_t)kFloor - 1), SIGSEGV, SEGV_MAPERR,
              kFloor - 1);
}

int main(void) {
  char minimum[32] = "";
  int fd = MUST(open("/proc/sys/vm/mmap_min_addr", O_RDONLY));
  CHECK(read(fd, minimum, sizeof minimum - 1) > 0);
  close(fd);
  SetMinimum("0\n");
  void* hint = At(kPage, 0);
  int low = RunChild(Unprivileged);
  int grown = RunChild(GrowUnderFloor);
  char text[32];
  sprintf(text, "%d\n", kFloor);
  SetMinimum(text);
  int under = RunChild(UnprivilegedUnderMinimum);
  SetMinimum(minimum);

  CHECK_EQ(hint, kFloor);
  Ok("a hint is raised to the floor");
  CHECK_EQ(low, 0);
  CHECK_EQ(under, 0);
  Ok("the knob says what needs a privilege");
  CHECK_EQ(grown, 0);
  Ok("a stack does not grow below the floor");
}
