#include "plugin/linux/fs/mem_devices.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "guest_mm/base/check.h"
#include "guest_mm/file/mapped_file.h"
#include "plugin/linux/fs/iov_iter.h"
#include "plugin/linux/fs/path_file.h"
#include "plugin/linux/fs/vfs.h"

namespace faultline::os {
namespace {

// What they share: reads and writes do not care where, lseek answers 0.
class MemDevice : public PathFile {
 public:
  using PathFile::PathFile;
  ErrnoOr<uint64_t> Seek(int64_t, int) override { return uint64_t{0}; }
  ErrnoOr<uint64_t> ReadIterAt(Task& task, uint64_t, IovIter& to) override {
    return ReadIter(task, to);
  }
  ErrnoOr<uint64_t> WriteIterAt(Task& task, uint64_t, IovIter& from) override {
    return WriteIter(task, from);
  }
};

class NullFile : public MemDevice {
 public:
  using MemDevice::MemDevice;
  ErrnoOr<uint64_t> Read(Task&, absl::Span<std::byte>) override {
    return uint64_t{0};
  }
  ErrnoOr<uint64_t> Write(Task&, absl::Span<const std::byte> from) override {
    return uint64_t{from.size()};
  }
  // The bytes are not even looked at.
  ErrnoOr<uint64_t> WriteIter(Task&, IovIter& from) override {
    const uint64_t n = from.remaining();
    from.Truncate(0);
    return n;
  }
};

class ZeroFile : public NullFile, public mm::MappedFile {
 public:
  using NullFile::NullFile;
  ErrnoOr<uint64_t> Read(Task&, absl::Span<std::byte> to) override {
    std::fill(to.begin(), to.end(), std::byte{0});
    return uint64_t{to.size()};
  }
  ErrnoOr<uint64_t> ReadIter(Task&, IovIter& to) override {
    const uint64_t want = to.remaining();
    const uint64_t n = to.Clear(size_t(want));
    if (n == 0 && want != 0) {
      return Errno::kEFAULT;
    }
    return n;
  }
  std::shared_ptr<mm::MappedFile> Mappable() override {
    return std::static_pointer_cast<ZeroFile>(shared_from_this());
  }

  // mm::MappedFile.
  bool is_zero_device() const override { return true; }
  mm::Mapping& mapping() override {
    FL_CHECK(!"mappings of /dev/zero have no pages of it");
    std::abort();
  }
  std::string MapsName() const override { return LinkName(); }
  uint32_t dev_major() const override { return inode()->fs().dev().major; }
  uint32_t dev_minor() const override { return inode()->fs().dev().minor; }
  uint64_t ino() const override { return inode()->ino(); }
};

class FullFile final : public ZeroFile {
 public:
  using ZeroFile::ZeroFile;
  ErrnoOr<uint64_t> Write(Task&, absl::Span<const std::byte>) override {
    return Errno::kENOSPC;
  }
  ErrnoOr<uint64_t> WriteIter(Task&, IovIter&) override {
    return Errno::kENOSPC;
  }
  std::shared_ptr<mm::MappedFile> Mappable() override { return nullptr; }
};

class RandomFile final : public MemDevice {
 public:
  RandomFile(const FillRandom& fill, Path path, uint32_t flags)
      : MemDevice(std::move(path), flags), fill_(fill) {}
  ErrnoOr<uint64_t> Read(Task&, absl::Span<std::byte> to) override {
    fill_(to);
    return uint64_t{to.size()};
  }
  ErrnoOr<uint64_t> Write(Task&, absl::Span<const std::byte> from) override {
    return uint64_t{from.size()};  // the seed is not the guest's to stir
  }
  // As much as is asked for, not one bounce.
  ErrnoOr<uint64_t> ReadIter(Task& task, IovIter& to) override {
    uint64_t total = 0;
    while (to.remaining() != 0) {
      const uint64_t before = to.remaining();
      const ErrnoOr<uint64_t> n = File::ReadIter(task, to);
      if (!n.ok()) {
        return total != 0 ? ErrnoOr<uint64_t>(total) : n;
      }
      total += *n;
      if (*n < std::min<uint64_t>(before, kBounceBytes)) {
        break;
      }
    }
    return total;
  }

 private:
  FillRandom fill_;
};

template <typename Device>
Vfs::OpenDevice Opens() {
  return [](const Caller&, const Path& path,
            uint32_t flags) -> ErrnoOr<std::shared_ptr<File>> {
    return std::shared_ptr<File>(std::make_shared<Device>(path, flags));
  };
}

}  // namespace

void AddMemDevices(Vfs& vfs, FillRandom fill_random) {
  vfs.AddDevice("null", {1, 3}, Opens<NullFile>());
  vfs.AddDevice("zero", {1, 5}, Opens<ZeroFile>());
  vfs.AddDevice("full", {1, 7}, Opens<FullFile>());
  const Vfs::OpenDevice random =
      [fill = std::move(fill_random)](
          const Caller&, const Path& path,
          uint32_t flags) -> ErrnoOr<std::shared_ptr<File>> {
    return std::shared_ptr<File>(
        std::make_shared<RandomFile>(fill, path, flags));
  };
  vfs.AddDevice("random", {1, 8}, random);
  vfs.AddDevice("urandom", {1, 9}, random);
}

}  // namespace faultline::os
