// Hugetlbfs can be mounted, with a size of page, limits of its own and an
// owner: size= is what the files of the mount may have, min_size= is reserved
// for them from the start.
// Covers: plugin/linux/fs/hugetlbfs_options.cc guest_mm/hugetlb/subpool.cc
// Covers: plugin/linux/fs/mount_options.cc

#include <linux/falloc.h>
#include <stdarg.h>
#include <sys/statfs.h>

#include "tests/abi/huge_file.h"
#include "tests/abi/hugetlb.h"

static char g_dir[] = "/tmp/hugetlbfs.XXXXXX";

static const char* Options(const char* format, ...)
    __attribute__((format(printf, 1, 2)));
static const char* Options(const char* format, ...) {
  static char text[128];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return text;
}

static int MountHere(const char* options) {
  return mount("none", g_dir, "hugetlbfs", 0, options);
}

static int FileThere(const char* name, int flags) {
  char path[64];
  snprintf(path, sizeof path, "%s/%s", g_dir, name);
  return open(path, flags, 0600);
}

// The options of the mount as /proc/mounts has them.
static const char* ShownOptions(void) {
  static char options[256];
  char line[512], where[128];
  options[0] = '\0';
  FILE* f = fopen("/proc/self/mounts", "r");
  CHECK(f != NULL);
  while (fgets(line, sizeof line, f)) {
    char words[256];
    if (sscanf(line, "%*s %127s hugetlbfs %255s", where, words) == 2 &&
        strcmp(where, g_dir) == 0) {
      strcpy(options, words);
    }
  }
  fclose(f);
  return options;
}

static void Refusals(void) {
  const char* const kBad[] = {
      "pagesize=3M", "pagesize=0",  "size=x",   "size=",
      "min_size=x",  "size=%",      "mode=9",   "uid=-1",
      "nonsense",    "nr_inodes=x", "pagesize", "size=2M,min_size=4M"};
  for (size_t i = 0; i < sizeof kBad / sizeof *kBad; i++) {
    if (MountHere(kBad[i]) == 0) FAIL("mounted with %s", kBad[i]);
    if (errno != EINVAL) FAIL("with %s", kBad[i]);
  }
  Ok("refusals");
}

static void WithoutLimits(void) {
  MUST(MountHere(NULL));
  struct statfs fs;
  MUST(statfs(g_dir, &fs));
  CHECK_EQ(fs.f_type, 0x958458f6);
  CHECK_EQ(fs.f_bsize, Huge());
  CHECK_EQ(fs.f_blocks, 0);
  CHECK_EQ(fs.f_bfree, 0);
  CHECK_EQ(fs.f_files, 0);
  CHECK_EQ(fs.f_namelen, 255);
  struct stat st;
  MUST(stat(g_dir, &st));
  CHECK_EQ(st.st_mode, S_IFDIR | 0755);
  CHECK_EQ(st.st_blksize, Huge());
  CHECK(strcmp(ShownOptions(),
               Options("rw,relatime,pagesize=%zuM", Huge() >> 20)) == 0);
  MUST(umount(g_dir));
  Ok("without options");
}

static void Owner(void) {
  MUST(MountHere("mode=7751,uid=5,gid=6"));
  struct stat st;
  MUST(stat(g_dir, &st));
  CHECK_EQ(st.st_mode, S_IFDIR | 01751);
  CHECK_EQ(st.st_uid, 5);
  CHECK_EQ(st.st_gid, 6);
  CHECK(strcmp(ShownOptions(),
               Options("rw,relatime,uid=5,gid=6,mode=1751,pagesize=%zuM",
                       Huge() >> 20)) == 0);
  MUST(umount(g_dir));
  Ok("mode and owner");
}

static void Maximum(void) {
  const size_t huge = Huge();
  MUST(MountHere(Options("size=%zu", 2 * huge + kPage)));  // rounded down
  CHECK(strcmp(ShownOptions(), Options("rw,relatime,pagesize=%zuM,size=%zu",
                                       huge >> 20, 2 * huge)) == 0);
  struct statfs fs;
  MUST(statfs(g_dir, &fs));
  CHECK_EQ(fs.f_blocks, 2);
  CHECK_EQ(fs.f_bfree, 2);
  CHECK_EQ(fs.f_bavail, 2);
  CHECK_EQ(fs.f_files, -1);
  CHECK_POOL(4, 0);
  int fd = MUST(FileThere("a", O_RDWR | O_CREAT));
  CHECK_FAILS(mmap(NULL, 3 * huge, kReadWrite, MAP_SHARED, fd, 0), ENOMEM);
  CHECK_POOL(4, 0);
  char* p = (char*)MUST(mmap(NULL, huge, kReadWrite, MAP_SHARED, fd, 0));
  CHECK_POOL(4, 1);
  MUST(statfs(g_dir, &fs));
  CHECK_EQ(fs.f_bfree, 1);  // a reservation counts
  p[0] = 'x';
  MUST(statfs(g_dir, &fs));
  CHECK_EQ(fs.f_bfree, 1);
  CHECK_POOL(3, 0);
  MUST(fallocate(fd, 0, huge, huge));
  CHECK_FAILS(fallocate(fd, 0, 2 * huge, huge), ENOSPC);
  MUST(statfs(g_dir, &fs));
  CHECK_EQ(fs.f_bfree, 0);
  // Without a reservation the fault finds that there is none to be had.
  char* q = (char*)MUST(
      mmap(NULL, huge, kReadWrite, MAP_PRIVATE | MAP_NORESERVE, fd, 0));
  CHECK_EQ(q[0], 'x');
  CHECK_FAULT(Write(q), SIGBUS, BUS_ADRERR, q);
  MUST(munmap(q, huge));
  CHECK_FAILS(mmap(NULL, huge, kReadWrite, MAP_PRIVATE, fd, 0), ENOMEM);
  MUST(munmap(p, huge));
  CHECK_FAILS(umount(g_dir), EBUSY);
  MUST(close(fd));
  MUST(umount(g_dir));
  CHECK_POOL(4, 0);
  Ok("no more than its size");
}

static void Minimum(void) {
  const size_t huge = Huge();
  CHECK_FAILS(MountHere(Options("min_size=%zu", 5 * huge)), ENOMEM);
  CHECK_POOL(4, 0);
  MUST(MountHere(Options("min_size=%zu,size=%zu", 2 * huge, 3 * huge)));
  CHECK(strcmp(ShownOptions(),
               Options("rw,relatime,pagesize=%zuM,size=%zu,min_size=%zu",
                       huge >> 20, 3 * huge, 2 * huge)) == 0);
  CHECK_POOL(4, 2);
  CHECK_FAILS(mmap(NULL, 3 * huge, kReadWrite, kHugeFlags, -1, 0), ENOMEM);
  int fd = MUST(FileThere("a", O_RDWR | O_CREAT));
  char* p = (char*)MUST(mmap(NULL, 3 * huge, kReadWrite, MAP_SHARED, fd, 0));
  CHECK_POOL(4, 3);
  p[0] = p[huge] = p[2 * huge] = 'x';
  CHECK_POOL(1, 0);
  MUST(munmap(p, 3 * huge));
  MUST(ftruncate(fd, huge));
  CHECK_POOL(3, 1);
  MUST(ftruncate(fd, 0));
  CHECK_POOL(4, 2);
  MUST(close(fd));
  MUST(umount(g_dir));
  CHECK_POOL(4, 0);
  Ok("reserved from the start");
}

// A share of the pool, and another size of page than the default.
static void SharesAndSizes(void) {
  MUST(MountHere("size=50%"));
  struct statfs fs;
  MUST(statfs(g_dir, &fs));
  CHECK_EQ(fs.f_blocks, 2);
  MUST(umount(g_dir));
  MUST(MountHere("pagesize=1G,size=3G"));
  MUST(statfs(g_dir, &fs));
  CHECK_EQ(fs.f_bsize, 1 << 30);
  CHECK_EQ(fs.f_blocks, 3);
  CHECK(strcmp(ShownOptions(), "rw,relatime,pagesize=1024M,size=3221225472") ==
        0);
  int fd = MUST(FileThere("a", O_RDWR | O_CREAT));
  CHECK_FAILS(ftruncate(fd, (off_t)Huge()), EINVAL);
  CHECK_FAILS(mmap(NULL, 1 << 30, kReadWrite, MAP_SHARED, fd, 0), ENOMEM);
  MUST(close(fd));
  MUST(umount(g_dir));
  Ok("a share, and other pages");
}

static void Body(void) {
  OwnMounts();
  CHECK(mkdtemp(g_dir) != NULL);
  Refusals();
  WithoutLimits();
  Owner();
  Maximum();
  Minimum();
  SharesAndSizes();
  MUST(rmdir(g_dir));
}

int main(void) { return WithPool(4, Body); }
