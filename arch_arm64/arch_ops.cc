#include "arch_arm64/arch_ops.h"

#include "arch_arm64/address_layout.h"
#include "arch_arm64/entry_format.h"
#include "arch_arm64/fault_policy.h"

namespace faultline::arm64 {
namespace {

using mm::Access;
using mm::Entry;
using mm::EntryFlag;
using mm::EntryFlags;
using mm::Mode;

class Arm64Ops final : public mm::ArchOps {
 public:
  explicit Arm64Ops(Paging paging)
      : geometry_(GeometryOf(paging)),
        layout_(LayoutOf(paging)),
        format_{geometry_.page_shift, paging == Paging::k4K52} {}

  std::string_view name() const override { return "aarch64"; }
  const mm::PagingGeometry& geometry() const override { return geometry_; }
  const mm::AddressLayout& layout() const override { return layout_; }
  const mm::FaultPolicy& fault_policy() const override { return kFaultPolicy; }

  Entry Decode(int level, uint64_t raw) const override {
    return DecodeEntry(format_, level,
                       geometry_.levels[size_t(level)].can_map_page, raw);
  }
  uint64_t Encode(int level, const Entry& e) const override {
    return EncodeEntry(format_, level, e);
  }

  // A user page is readable; W and X come on top.
  EntryFlags PageFlags(mm::Prot prot) const override {
    if (prot.none()) {
      return EntryFlag::kProtNone;
    }
    return EntryFlags(EntryFlag::kUser)
        .set(EntryFlag::kWrite, prot.write())
        .set(EntryFlag::kExec, prot.exec());
  }

  // Arm ARM, "Data access permissions", with PAN suspended (kernel code
  // touches user pages only with LDTR and STTR).
  bool Permits(EntryFlags flags, Access access, Mode mode) const override {
    const bool user_page = flags.has(EntryFlag::kUser);
    if (flags.has(EntryFlag::kProtNone) ||
        (mode == Mode::kUser && !user_page)) {
      return false;
    }
    switch (access) {
      case Access::kRead:
        return true;
      case Access::kWrite:
        return flags.has(EntryFlag::kWrite);
      case Access::kExec:
        return flags.has(EntryFlag::kExec) &&
               (mode == Mode::kUser || !user_page);
    }
    return false;
  }

  // TCR_EL1.TBI0: the top byte of a user address (bit 55 clear) is a tag.
  mm::GuestAddr Untag(mm::GuestAddr a) const override {
    const bool user = (a.value() >> 55 & 1) == 0;
    return user ? mm::GuestAddr(a.value() & ~(uint64_t{0xff} << 56)) : a;
  }

 private:
  const mm::PagingGeometry& geometry_;
  const mm::AddressLayout layout_;
  const EntryFormat format_;
};

}  // namespace

const mm::ArchOps& OpsFor(Paging paging) {
  static const Arm64Ops k4K48(Paging::k4K48);
  static const Arm64Ops k4K39(Paging::k4K39);
  static const Arm64Ops k4K52(Paging::k4K52);
  static const Arm64Ops k16K47(Paging::k16K47);
  static const Arm64Ops k16K48(Paging::k16K48);
  static const Arm64Ops k64K42(Paging::k64K42);
  static const Arm64Ops k64K48(Paging::k64K48);
  switch (paging) {
    case Paging::k4K48:
      return k4K48;
    case Paging::k4K39:
      return k4K39;
    case Paging::k4K52:
      return k4K52;
    case Paging::k16K47:
      return k16K47;
    case Paging::k16K48:
      return k16K48;
    case Paging::k64K42:
      return k64K42;
    case Paging::k64K48:
      return k64K48;
  }
  return k4K48;
}

const mm::ArchOps& Ops() { return OpsFor(Paging::k4K48); }

}  // namespace faultline::arm64
