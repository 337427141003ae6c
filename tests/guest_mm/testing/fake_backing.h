#ifndef FAULTLINE_TESTS_GUEST_MM_TESTING_FAKE_BACKING_H_
#define FAULTLINE_TESTS_GUEST_MM_TESTING_FAKE_BACKING_H_

// FakeBacking: a file's bytes outside the guest, in a vector that the test can
// look at, counting what is asked of it.

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "guest_mm/file/mapped_file.h"
#include "guest_mm/file/mapping.h"

namespace faultline::mm {

class FakeBacking : public Backing {
 public:
  using Bytes = std::vector<unsigned char>;
  explicit FakeBacking(Bytes* bytes) : bytes_(*bytes) {}

  ErrnoOr<Done> ReadPage(uint64_t offset, absl::Span<std::byte> page) override {
    ++reads_;
    if (broken_) {
      return Errno::kEIO;
    }
    if (offset < bytes_.size()) {
      std::memcpy(page.data(), bytes_.data() + offset,
                  std::min(page.size(), bytes_.size() - offset));
    }
    return kDone;
  }
  ErrnoOr<Done> WritePage(uint64_t offset,
                          absl::Span<const std::byte> page) override {
    if (broken_) {
      return Errno::kEIO;
    }
    ++writes_;
    bytes_.resize(std::max(bytes_.size(), offset + page.size()));
    std::memcpy(bytes_.data() + offset, page.data(), page.size());
    return kDone;
  }

  void Truncate(uint64_t size) override {
    bytes_.resize(std::min<uint64_t>(size, bytes_.size()));
  }

  int reads() const { return reads_; }
  int writes() const { return writes_; }
  void set_broken(bool broken) { broken_ = broken; }

  static FakeBacking& Of(MappedFile& file);

 private:
  Bytes& bytes_;
  int reads_ = 0;
  int writes_ = 0;
  bool broken_ = false;
};

class BackedFile : public MappedFile {
 public:
  BackedFile(PhysMem& phys, FakeBacking::Bytes* bytes)
      : BackedFile(phys, bytes, std::make_unique<FakeBacking>(bytes)) {}
  FakeBacking& backing() { return backing_; }
  Mapping& mapping() override { return mapping_; }
  std::string MapsName() const override { return "/backed"; }
  uint32_t dev_major() const override { return 8; }
  uint32_t dev_minor() const override { return 1; }
  uint64_t ino() const override { return 7; }

 private:
  BackedFile(PhysMem& phys, FakeBacking::Bytes* bytes,
             std::unique_ptr<FakeBacking> backing)
      : backing_(*backing),
        mapping_(phys, Mapping::Kind::kRegular, std::move(backing)) {
    mapping_.Resize(bytes->size());
  }
  FakeBacking& backing_;
  Mapping mapping_;
};

inline FakeBacking& FakeBacking::Of(MappedFile& file) {
  return static_cast<BackedFile&>(file).backing();
}

// `bytes` outlive the file.
inline std::shared_ptr<BackedFile> MakeBackedFile(PhysMem& phys,
                                                  FakeBacking::Bytes* bytes) {
  return std::make_shared<BackedFile>(phys, bytes);
}

}  // namespace faultline::mm

#endif  // FAULTLINE_TESTS_GUEST_MM_TESTING_FAKE_BACKING_H_
