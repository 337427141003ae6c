#include "plugin/linux/loader/vdso.h"

#include "guest_mm/calls/calls.h"
#include "guest_mm/file/mapping.h"

namespace faultline::os {
namespace {

// Unwinders know a signal frame by these two instructions.
constexpr uint32_t kSigreturn[] = {
    0xd2801168,  // mov x8, #139 (rt_sigreturn)
    0xd4000001,  // svc #0
};

class VdsoFile : public mm::MappedFile {
 public:
  explicit VdsoFile(mm::PhysMem& phys)
      : mapping_(phys, mm::Mapping::Kind::kRegular, nullptr) {}
  mm::Mapping& mapping() override { return mapping_; }
  std::string MapsName() const override { return "[vdso]"; }
  uint32_t dev_major() const override { return 0; }
  uint32_t dev_minor() const override { return 0; }
  uint64_t ino() const override { return 0; }

 private:
  mm::Mapping mapping_;
};

}  // namespace

ErrnoOr<std::shared_ptr<mm::MappedFile>> MakeVdso(mm::PhysMem& phys) {
  auto file = std::make_shared<VdsoFile>(phys);
  FL_TRY(file->mapping().Write(
      0, absl::MakeConstSpan(reinterpret_cast<const std::byte*>(kSigreturn),
                             sizeof kSigreturn)));
  return std::shared_ptr<mm::MappedFile>(std::move(file));
}

ErrnoOr<mm::GuestAddr> MapVdso(mm::AddressSpace& mm,
                               std::shared_ptr<mm::MappedFile> vdso) {
  mm::MmapRequest r;
  r.length = mm.page_shift().bytes();
  r.prot = mm::Prot::RX().bits();
  r.flags = mm::kMapPrivate;
  r.file = std::move(vdso);
  r.file_writable = false;
  FL_ASSIGN(const mm::GuestAddr at, mm::Mmap(mm, r));
  // As _install_special_mapping() makes them: never merged, grown or locked.
  mm::WriteGuard guard(mm.mmap_lock());
  mm::Vma& v = *mm.vmas().Find(at);
  mm.vmas().SetFlagsInPlace(v, v.flags | mm::VmaFlag::kDontExpand);
  return at;
}

}  // namespace faultline::os
