// UFFDIO_WRITEPROTECT goes from mapping to mapping: holes are passed over, what
// is not registered for it ends the call with ENOENT, and what came before
// stays changed. It asks for a registration, not for one of this descriptor.

#include "tests/abi/hugetlb.h"
#include "tests/abi/uffd.h"

enum { kPages = 16 };
static char* g_area;
static int g_u;

// All of it registered and its pages present.
static void NewArea(void) {
  g_area = Island(kPages, kReadWrite);
  memset(g_area, 'a', kPages * kPage);
  Arm(g_u, g_area, kPages * kPage, kWp);
}
static int Wp(size_t from, size_t to, uint64_t mode) {
  return WriteProtect(g_u, g_area + from * kPage, (to - from) * kPage, mode);
}
// Bit 0 for the first page.
static int Protected(void) {
  int set = 0;
  for (int i = 0; i < kPages; i++) set |= IsProtected(g_area + i * kPage) << i;
  return set;
}
static void Unmap(size_t from, size_t to) {
  MUST(munmap(g_area + from * kPage, (to - from) * kPage));
}
static void Forget(size_t from, size_t to) {
  CHECK_EQ(Unregister(g_u, g_area + from * kPage, (to - from) * kPage), 0);
}

static void Holes(void) {
  NewArea();
  Unmap(0, 2);
  Unmap(5, 6);
  Unmap(14, 16);
  CHECK_EQ(Wp(0, 16, kProtect), 0);
  CHECK_EQ(Protected(), 0x3fdc);
  CHECK_EQ(Wp(5, 16, 0), 0);
  CHECK_EQ(Protected(), 0x001c);
  CHECK_EQ(Wp(0, 2, kProtect), ENOENT);
  CHECK_EQ(Wp(5, 6, kProtect), ENOENT);
  CHECK_EQ(Wp(14, 16, 0), ENOENT);
  Ok("holes at either end and within, but not holes alone");
}

static void Unregistered(void) {
  NewArea();
  Forget(0, 1);
  CHECK_EQ(Wp(0, 16, kProtect), ENOENT);
  CHECK_EQ(Protected(), 0);
  CHECK_EQ(Wp(1, 16, kProtect), 0);
  CHECK_EQ(Protected(), 0xfffe);
  Forget(8, 9);
  CHECK_EQ(Protected(), 0xfeff & ~1);
  CHECK_EQ(Wp(1, 16, 0), ENOENT);
  CHECK_EQ(Protected(), 0xfe00);
  Ok("memory that is not registered, first and within");

  Unmap(1, 8);
  CHECK_EQ(Wp(1, 16, 0), ENOENT);
  CHECK_EQ(Wp(1, 8, 0), ENOENT);
  CHECK_EQ(Protected(), 0xfe00);
  Ok("nor behind a hole");
}

static void Kinds(void) {
  NewArea();
  Unmap(2, 4);
  CHECK_EQ(mmap(g_area + 2 * kPage, 2 * kPage, kReadWrite,
                MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
           g_area + 2 * kPage);
  Arm(g_u, g_area + 2 * kPage, 2 * kPage, kWp);
  g_area[2 * kPage] = 's';
  MUST(mprotect(g_area + 6 * kPage, kPage, PROT_READ));
  MUST(mprotect(g_area + 7 * kPage, kPage, PROT_NONE));
  MUST(madvise(g_area + 8 * kPage, kPage, MADV_DONTNEED));
  CHECK_EQ(Wp(0, 16, kProtect), 0);
  // Absent pages of files are marked, others are not.
  CHECK_EQ(Protected(), 0xfeff);
  MUST(mprotect(g_area + 6 * kPage, 2 * kPage, kReadWrite));
  CHECK_EQ(Protected(), 0xfeff);
  CHECK_EQ(Wp(0, 16, 0), 0);
  CHECK_EQ(Protected(), 0);
  Ok("mappings of several kinds and rights");

  Unmap(12, 16);
  CHECK_EQ(mmap(g_area + 12 * kPage, 4 * kPage, kReadWrite,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
           g_area + 12 * kPage);
  Arm(g_u, g_area + 12 * kPage, 4 * kPage, kMissing);
  CHECK_EQ(Wp(10, 16, kProtect), ENOENT);
  CHECK_EQ(Protected(), 0x0c00);
  Ok("registered for missing pages only is not registered");
}

static void Another(void) {
  NewArea();
  Forget(4, 16);
  int other = Uffd(UFFD_FEATURE_WP_HUGETLBFS_SHMEM);
  Arm(other, g_area + 4 * kPage, 12 * kPage, kWp);
  CHECK_EQ(Wp(0, 16, kProtect), 0);
  CHECK_EQ(Protected(), 0xffff);
  CHECK_EQ(WriteProtect(other, g_area, 8 * kPage, 0), 0);
  CHECK_EQ(Protected(), 0xff00);
  close(other);
  CHECK_EQ(Protected(), 0);
  Ok("memory of another descriptor");
}

static void ManyTables(void) {
  const size_t size = (size_t)2 << 30;
  char* big = MUST(mmap(NULL, size, kReadWrite,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  Arm(g_u, big, size, kWp);
  char* const touched[] = {big, big + (1 << 21), big + (1 << 30),
                           big + size - kPage};
  for (int i = 0; i < 4; i++) *touched[i] = 'a';
  CHECK_EQ(WriteProtect(g_u, big, size, kProtect), 0);
  for (int i = 0; i < 4; i++) CHECK(IsProtected(touched[i]));
  CHECK_EQ(WriteProtect(g_u, big + kPage, size - 2 * kPage, 0), 0);
  CHECK(!IsProtected(touched[1]));
  CHECK(!IsProtected(touched[2]));
  CHECK(IsProtected(touched[3]));
  Ok("many page tables");
}

int main(void) {
  g_u = Uffd(UFFD_FEATURE_WP_HUGETLBFS_SHMEM);
  Holes();
  Unregistered();
  Kinds();
  Another();
  ManyTables();
  return 0;
}
