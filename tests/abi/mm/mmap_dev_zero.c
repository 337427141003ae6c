// /dev/zero: mapped privately it is anonymous memory that keeps a name, mapped
// shared an object as long as the mapping.
// Covers: plugin/linux/fs/mem_devices.cc guest_mm/calls/mmap.cc
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

static int g_zero;

static char* MapZero(char* at, size_t pages, int flags, size_t offset) {
  return MUST(mmap(at, pages * kPage, kReadWrite, flags, g_zero,
                   (off_t)(offset * kPage)));
}

static bool Named(const char* address, const char* name) {
  struct MapsLine line;
  CHECK(FindMap(address, &line));
  return strcmp(line.name, name) == 0;
}

static unsigned long Offset(const char* address) {
  struct MapsLine line;
  CHECK(FindMap(address, &line));
  return line.offset;
}

static void Private(char* area) {
  MapZero(area, 2, MAP_PRIVATE | MAP_FIXED, 5);
  CHECK_EQ(Offset(area), 5 * kPage);
  CHECK(Named(area, "/dev/zero"));
  area[0] = 'p';
  area[kPage] = 'q';
  CHECK_EQ(SmapsField(area, "Anonymous:"), 8);
  // Neighbours merge if their offsets go on.
  MapZero(area + 2 * kPage, 1, MAP_PRIVATE | MAP_FIXED, 7);
  CHECK_EQ(CountMaps(area, 4 * kPage), 1);
  MapZero(area + 3 * kPage, 1, MAP_PRIVATE | MAP_FIXED, 0);
  CHECK_EQ(CountMaps(area, 4 * kPage), 2);
  CHECK_FAILS(madvise(area, kPage, MADV_WIPEONFORK), EINVAL);
  CHECK_FAILS(madvise(area, kPage, MADV_REMOVE), EACCES);
  MUST(madvise(area, kPage, MADV_FREE));
  Ok("anonymous by another name");
  MUST(munmap(area, 4 * kPage));
}

static void Untouched(char* area) {
  MapZero(area, 1, MAP_PRIVATE | MAP_FIXED, 5);
  char* to = area + 4 * kPage;
  MUST(mremap(area, kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED, to));
  CHECK_EQ(Offset(to), (uintptr_t)to);
  Ok("moved before it was used it counts from its address");
  MUST(munmap(to, kPage));
}

static char* g_shared;
static void Writer(void) { g_shared[0] = 'w'; }

static void Shared(char* area) {
  g_shared = MapZero(area, 2, MAP_SHARED | MAP_FIXED, 0);
  CHECK(Named(area, "/dev/zero (deleted)"));
  CHECK_EQ(RunChild(Writer), 0);
  CHECK_EQ(area[0], 'w');
  char* other = MapZero(NULL, 2, MAP_SHARED, 0);
  CHECK_EQ(other[0], 0);
  Ok("shared with children alone");
  char* beyond = MapZero(NULL, 2, MAP_SHARED, 1);
  CHECK_NO_FAULT(Read(beyond));
  CHECK_FAULT(Read(beyond + kPage), SIGBUS, BUS_ADRERR, beyond + kPage);
  Ok("as long as the mapping");
}

int main(void) {
  g_zero = MUST(open("/dev/zero", O_RDWR));
  char* area = Island(6, PROT_NONE);
  MUST(munmap(area, 6 * kPage));
  Private(area);
  Untouched(area);
  Shared(area);
  int read_only = MUST(open("/dev/zero", O_RDONLY));
  char* private = MUST(mmap(NULL, kPage, PROT_READ, MAP_SHARED, read_only, 0));
  CHECK(Named(private, "/dev/zero"));
  CHECK_EQ(*private, 0);
  Ok("opened for reading, nothing is shared");
}
