#include "guest_mm/hugetlb/anon_file.h"

#include <string>

#include "guest_mm/hugetlb/hugetlb_file.h"
#include "guest_mm/mm/memory_manager.h"

namespace faultline::mm {
namespace {

class HugetlbAnonFile final : public MappedFile {
 public:
  HugetlbAnonFile(MemoryManager& system, HugePagePool& pool, uint64_t bytes)
      : ino_(system.NextShmemIno()),
        file_(system.phys(), system.hugetlb(), pool, nullptr) {
    file_.Extend(bytes);
  }

  Mapping& mapping() override { return file_.mapping(); }
  HugetlbFile* hugetlb() override { return &file_; }
  std::string MapsName() const override { return "/anon_hugepage (deleted)"; }
  uint32_t dev_major() const override { return 0; }
  uint32_t dev_minor() const override { return kHugetlbMinor; }
  uint64_t ino() const override { return ino_; }

 private:
  uint64_t ino_;
  HugetlbFile file_;
};

}  // namespace

std::shared_ptr<MappedFile> NewHugetlbAnonFile(MemoryManager& system,
                                               HugePagePool& pool,
                                               uint64_t bytes) {
  return std::make_shared<HugetlbAnonFile>(system, pool, bytes);
}

}  // namespace faultline::mm
