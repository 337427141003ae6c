#include "guest_mm/calls/shared_anon.h"

#include <string>

#include "guest_mm/file/mapping.h"
#include "guest_mm/mm/limits.h"

namespace faultline::mm {
namespace {

class SharedAnonFile : public MappedFile {
 public:
  SharedAnonFile(MemoryManager& system, uint64_t bytes, PageCount committed)
      : system_(system),
        committed_(committed),
        ino_(system.NextShmemIno()),
        mapping_(system.phys(), Mapping::Kind::kShmem, nullptr) {
    mapping_.Resize(bytes);
    system_.committed() += committed_;
  }
  ~SharedAnonFile() override { system_.committed() -= committed_; }

  Mapping& mapping() override { return mapping_; }
  std::string MapsName() const override { return "/dev/zero (deleted)"; }
  uint32_t dev_major() const override { return 0; }
  uint32_t dev_minor() const override { return 1; }  // the kernel's own tmpfs
  uint64_t ino() const override { return ino_; }
  bool unnamed() const override { return true; }

 private:
  MemoryManager& system_;
  PageCount committed_;
  uint64_t ino_;
  Mapping mapping_;
};

}  // namespace

ErrnoOr<std::shared_ptr<MappedFile>> MakeSharedAnon(AddressSpace& mm,
                                                    uint64_t bytes,
                                                    VmaFlags flags) {
  const PageCount pages = flags.has(VmaFlag::kNoReserve)
                              ? PageCount()
                              : PageCount::ToHold(bytes, mm.page_shift());
  if (!EnoughMemory(mm, int64_t(pages.value()))) {
    return Errno::kENOMEM;
  }
  return std::shared_ptr<MappedFile>(
      std::make_shared<SharedAnonFile>(mm.system(), bytes, pages));
}

}  // namespace faultline::mm
