#include <memory>
#include <utility>

#include "guest_mm/calls/calls.h"
#include "guest_mm/calls/locked.h"
#include "guest_mm/hugetlb/reservation.h"
#include "guest_mm/mm/limits.h"
#include "guest_mm/pgtable/range_ops.h"
#include "guest_mm/thp/khugepaged.h"
#include "guest_mm/uffd/events.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

// Numbers that describe the program; counts of memory start at nothing.
void CopyLayout(const AddressSpace& from, AddressSpace& to) {
  to.limits = from.limits;
  to.start_code = from.start_code;
  to.end_code = from.end_code;
  to.start_data = from.start_data;
  to.end_data = from.end_data;
  to.start_brk = from.start_brk;
  to.brk = from.brk;
  to.start_stack = from.start_stack;
  to.arg_start = from.arg_start;
  to.arg_end = from.arg_end;
  to.env_start = from.env_start;
  to.env_end = from.env_end;
  to.mmap_base = from.mmap_base;
  to.thp_disabled = from.thp_disabled;
}

// dup_mmap() for one VMA. mlock is not inherited.
ErrnoOr<Done> DupVma(AddressSpace& from, Vma& vma, AddressSpace& to,
                     UffdForkEvents& events) {
  if (vma.has(VmaFlag::kAccount) &&
      !EnoughMemory(from,
                    int64_t(vma.range.Pages(from.page_shift()).value()))) {
    return Errno::kENOMEM;
  }
  FL_ASSIGN(auto copy, NewVmaLike(to, vma));
  copy->flags = vma.flags.without(VmaFlag::kLocked | VmaFlag::kLockOnFault);
  FL_TRY(events.Dup(to, *copy));
  const bool wipe = vma.has(VmaFlag::kWipeOnFork);
  copy->anon_vma = nullptr;
  if (vma.hugetlb()) {
    copy->mm = &to;
    FL_TRY(ForkHugetlb(*copy));
  }
  if (!wipe) {
    FL_TRY(ForkAnonVma(*copy, vma));
  }
  Vma& child = to.vmas().Insert(std::move(copy), VmaSet::Merge::kNone);
  return wipe ? ErrnoOr<Done>(kDone) : CopyPageRange(to, child, from, vma);
}

ErrnoOr<Done> DupVmas(AddressSpace& from, AddressSpace& to,
                      UffdForkEvents& events) {
  WriteGuard nested(to.mmap_lock());
  for (Vma& vma : from.vmas()) {
    if (!vma.has(VmaFlag::kDontCopy)) {
      FL_TRY(DupVma(from, vma, to, events));
    }
  }
  return kDone;
}

}  // namespace

ErrnoOr<std::shared_ptr<AddressSpace>> DupMm(AddressSpace& mm) {
  FL_ASSIGN(auto child, AddressSpace::Create(mm.system()));
  CopyLayout(mm, *child);
  // A child made half is taken down by its destructor, after the parent's
  // lock is dropped.
  UffdForkEvents events;
  const auto copied =
      UnderWriteLock(mm, [&] { return DupVmas(mm, *child, events); });
  if (!copied.ok()) {
    events.Fail();
    return copied.error();
  }
  events.Complete();
  child->hiwater_rss = child->rss.total();
  child->hiwater_vm = child->total_vm;
  mm.system().khugepaged().Fork(*child, mm);
  return child;
}

}  // namespace faultline::mm
