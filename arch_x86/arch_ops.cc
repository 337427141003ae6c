#include "arch_x86/arch_ops.h"

#include "arch_x86/address_layout.h"
#include "arch_x86/entry_format.h"
#include "arch_x86/fault_policy.h"

namespace faultline::x86 {
namespace {

using mm::Access;
using mm::Entry;
using mm::EntryFlag;
using mm::EntryFlags;
using mm::Mode;

class X86Ops final : public mm::ArchOps {
 public:
  explicit X86Ops(Paging paging)
      : geometry_(GeometryOf(paging)), layout_(LayoutOf(paging)) {}

  std::string_view name() const override { return "x86_64"; }
  const mm::PagingGeometry& geometry() const override { return geometry_; }
  const mm::AddressLayout& layout() const override { return layout_; }
  const mm::FaultPolicy& fault_policy() const override { return kFaultPolicy; }

  Entry Decode(int level, uint64_t raw) const override {
    return DecodeEntry(level, geometry_.levels[size_t(level)].can_map_page,
                       raw);
  }
  uint64_t Encode(int level, const Entry& e) const override {
    return EncodeEntry(level, e);
  }

  // Present means readable; W and X come on top.
  EntryFlags PageFlags(mm::Prot prot) const override {
    if (prot.none()) {
      return EntryFlag::kProtNone;
    }
    return EntryFlags(EntryFlag::kUser)
        .set(EntryFlag::kWrite, prot.write())
        .set(EntryFlag::kExec, prot.exec());
  }

  // SDM vol. 3, "Determination of Access Rights", with CR0.WP, SMEP, and SMAP
  // suspended (kernel code touches user pages only between stac and clac).
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

  mm::GuestAddr Untag(mm::GuestAddr a) const override { return a; }

 private:
  const mm::PagingGeometry& geometry_;
  const mm::AddressLayout layout_;
};

}  // namespace

const mm::ArchOps& OpsFor(Paging paging) {
  static const X86Ops k4Level(Paging::k4Level);
  static const X86Ops k5Level(Paging::k5Level);
  return paging == Paging::k5Level ? k5Level : k4Level;
}

const mm::ArchOps& Ops() { return OpsFor(Paging::k4Level); }

}  // namespace faultline::x86
