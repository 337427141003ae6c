#include "plugin/linux/ptrace/mte_tags.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "guest_mm/arch_ops.h"
#include "guest_mm/gup/gup.h"
#include "guest_mm/mm/address_space.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/memory/remote.h"
#include "plugin/linux/tag_log.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr uint64_t kGranule = mm::FrameTags::kGranule;

// The page of `a`, held; kEOPNOTSUPP: its mapping has no tags. kEFAULT.
ErrnoOr<mm::Pfn> HoldPage(mm::AddressSpace& mm, mm::GuestAddr a,
                          bool write) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (!mm.mmap_lock().ReadAcquireKillable()) {
    return Errno::kEINTR;
  }
  ErrnoOr<mm::Pfn> page =
      mm::GetUserPageLocked(mm, a, {.write = write, .force = true});
  const mm::Vma* const vma = mm.vmas().Find(a);
  const bool tagged = vma != nullptr && vma->has(mm::VmaFlag::kMte);
  mm.mmap_lock().ReadRelease();
  if (page.ok() && !tagged) {
    mm::ReleasePage(mm.system(), *page, mm::Grab::kGet);
    return Errno::kEOPNOTSUPP;
  }
  return page;
}

// The tags of one page.
class PageTags {
 public:
  // From `at` on, which is `address` to the traced thread.
  PageTags(const PtraceCall& call, mm::Pfn pfn, mm::PhysAddr at,
           mm::GuestAddr address)
      : call_(call), pfn_(pfn), at_(at), address_(address) {}

  // Tags copied. mte_copy_tags_to_user(), mte_copy_tags_from_user().
  size_t Peek(uint64_t user, size_t n) {
    std::vector<std::byte> tags(n);
    for (size_t i = 0; i < n; ++i) {
      tags[i] = std::byte(phys().tags().Get(at_ + i * kGranule));
    }
    return n - call_.tracer.user().CopyTo(user, tags);
  }
  size_t Poke(uint64_t user, size_t n) {
    std::vector<std::byte> tags(n);
    n -= call_.tracer.user().CopyFrom(absl::MakeSpan(tags), user);
    for (size_t i = 0; i < n; ++i) {
      const mm::PhysAddr granule = at_ + i * kGranule;
      const uint8_t tag = uint8_t(tags[i]) & 0xf;
      kernel().tag_log().Note({.granule = granule,
                               .address = address_ + i * kGranule,
                               .tid = int32_t(call_.task.tid()),
                               .by = TagLog::By::kTracer,
                               .before = phys().tags().Get(granule),
                               .tag = tag});
      phys().tags().Set(granule, tag);
    }
    kernel().cpu().TagsChanged(pfn_);
    phys().folio(pfn_).dirty = true;
    return n;
  }

 private:
  Kernel& kernel() { return call_.tracer.kernel(); }
  mm::PhysMem& phys() { return kernel().memory().phys(); }

  const PtraceCall& call_;
  mm::Pfn pfn_;
  mm::PhysAddr at_;
  mm::GuestAddr address_;
};

// __access_remote_tags(): how many tags were copied. Of the first: an error of
// the traced thread's memory is kEIO, of the caller's kEFAULT.
ErrnoOr<uint64_t> CopyTags(const PtraceCall& call, mm::AddressSpace& mm,
                           const Iovec& buffer) {
  const bool write = call.request == kPokeMteTags;
  const mm::PageShift shift = mm.page_shift();
  mm::GuestAddr at(call.addr & ~(kGranule - 1));
  uint64_t done = 0;
  while (done < buffer.length) {
    const ErrnoOr<mm::Pfn> page = HoldPage(mm, at, write);
    if (!page.ok()) {
      return done != 0 ? ErrnoOr<uint64_t>(done) : Errno::kEIO;
    }
    const uint64_t offset = at.PageOffset(shift);
    const size_t n = std::min<uint64_t>(buffer.length - done,
                                        (shift.bytes() - offset) / kGranule);
    PageTags tags(call, *page, page->ToPhys(shift) + offset, at);
    const size_t copied = write ? tags.Poke(buffer.base + done, n)
                                : tags.Peek(buffer.base + done, n);
    mm::ReleasePage(mm.system(), *page, mm::Grab::kGet);
    if (copied == 0) {
      break;
    }
    done += copied;
    at += copied * kGranule;
  }
  return done != 0 ? ErrnoOr<uint64_t>(done) : Errno::kEFAULT;
}

}  // namespace

SyscallResult PtraceCopyTags(const PtraceCall& call) {
  UserMemory user = call.tracer.user();
  FL_ASSIGN(const uint64_t base, user.Get<uint64_t>(call.data));
  FL_ASSIGN(const uint64_t length, user.Get<uint64_t>(call.data + 8));
  if (!user.AccessOk(base, length)) {
    return Errno::kEFAULT;
  }
  const std::shared_ptr<mm::AddressSpace> mm = call.task.shared.mm;
  if (mm == nullptr) {
    return Errno::kEPERM;
  }
  FL_ASSIGN(const uint64_t done,
            CopyTags(call, *mm, {.base = base, .length = length}));
  FL_TRY(user.Put(call.data + 8, done));
  return 0;
}

}  // namespace faultline::os
