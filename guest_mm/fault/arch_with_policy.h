#ifndef FAULTLINE_GUEST_MM_FAULT_ARCH_WITH_POLICY_H_
#define FAULTLINE_GUEST_MM_FAULT_ARCH_WITH_POLICY_H_

#include "guest_mm/arch_ops.h"

namespace faultline::mm {

// An architecture that judges faults as another one does, and is itself in all
// else: what a handler would have answered, on a machine that we have. `arch`
// outlives it.
class ArchWithPolicy final : public ArchOps {
 public:
  ArchWithPolicy(const ArchOps& arch, const FaultPolicy& policy)
      : arch_(arch), policy_(policy) {}

  std::string_view name() const override { return arch_.name(); }
  const PagingGeometry& geometry() const override { return arch_.geometry(); }
  const AddressLayout& layout() const override { return arch_.layout(); }
  const FaultPolicy& fault_policy() const override { return policy_; }
  Entry Decode(int level, uint64_t raw) const override {
    return arch_.Decode(level, raw);
  }
  uint64_t Encode(int level, const Entry& e) const override {
    return arch_.Encode(level, e);
  }
  EntryFlags PageFlags(Prot prot) const override {
    return arch_.PageFlags(prot);
  }
  bool Permits(EntryFlags flags, Access access, Mode mode) const override {
    return arch_.Permits(flags, access, mode);
  }
  GuestAddr Untag(GuestAddr a) const override { return arch_.Untag(a); }

 private:
  const ArchOps& arch_;
  const FaultPolicy policy_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FAULT_ARCH_WITH_POLICY_H_
