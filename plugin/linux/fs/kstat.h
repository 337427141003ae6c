#ifndef FAULTLINE_PLUGIN_LINUX_FS_KSTAT_H_
#define FAULTLINE_PLUGIN_LINUX_FS_KSTAT_H_

// What stat(2) and statfs(2) tell, before an architecture's structure layout.
// Linux: struct kstat (include/linux/stat.h), struct kstatfs.

#include <compare>
#include <cstdint>

namespace faultline::os {

// Nanoseconds since 1970 of guest real time; never the host's.
class Timestamp {
 public:
  constexpr Timestamp() = default;
  explicit constexpr Timestamp(int64_t ns) : ns_(ns) {}
  constexpr int64_t ns() const { return ns_; }
  // As struct timespec: nsec() is in [0, 1e9) for times before 1970 too.
  constexpr int64_t sec() const {
    return ns_ / kSecond - (ns_ % kSecond < 0 ? 1 : 0);
  }
  constexpr int64_t nsec() const { return ns_ - sec() * kSecond; }
  static constexpr Timestamp FromTimespec(int64_t sec, int64_t nsec) {
    return Timestamp(sec * kSecond + nsec);
  }
  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;

 private:
  static constexpr int64_t kSecond = 1'000'000'000;
  int64_t ns_ = 0;
};

// A device number. Linux: dev_t.
struct DevId {
  uint32_t major = 0;
  uint32_t minor = 0;
  friend constexpr auto operator<=>(DevId, DevId) = default;
  // new_encode_dev(), huge_encode_dev(): what user space sees.
  constexpr uint64_t Encode() const {
    return (uint64_t{minor} & 0xff) | (uint64_t{major} & 0xfff) << 8 |
           (uint64_t{minor} & ~0xffull) << 12;
  }
  static constexpr DevId Decode(uint64_t dev) {
    return {uint32_t(dev >> 8 & 0xfff),
            uint32_t((dev & 0xff) | (dev >> 12 & 0xfff00))};
  }
};

// File types and permission bits of st_mode (include/uapi/linux/stat.h).
inline constexpr uint32_t kS_IFMT = 0170000;
inline constexpr uint32_t kS_IFSOCK = 0140000;
inline constexpr uint32_t kS_IFLNK = 0120000;
inline constexpr uint32_t kS_IFREG = 0100000;
inline constexpr uint32_t kS_IFBLK = 0060000;
inline constexpr uint32_t kS_IFDIR = 0040000;
inline constexpr uint32_t kS_IFCHR = 0020000;
inline constexpr uint32_t kS_IFIFO = 0010000;
inline constexpr uint32_t kS_ISUID = 0004000;
inline constexpr uint32_t kS_ISGID = 0002000;
inline constexpr uint32_t kS_ISVTX = 0001000;

struct KStat {
  DevId dev;
  uint64_t ino = 0;
  uint32_t mode = 0;
  uint32_t nlink = 1;
  uint32_t uid = 0;
  uint32_t gid = 0;
  DevId rdev;
  uint64_t size = 0;    // bytes
  uint64_t blocks = 0;  // of 512 bytes
  uint32_t blksize = 4096;
  Timestamp atime, mtime, ctime, btime;
};

struct KStatfs {
  uint64_t magic = 0;
  uint64_t block_size = 4096;
  uint64_t blocks = 0, blocks_free = 0, blocks_available = 0;
  uint64_t files = 0, files_free = 0;
  uint64_t name_max = 255;
  uint64_t flags = 0;  // ST_*
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_KSTAT_H_
