#include "guest_mm/gup/access_remote_vm.h"

#include <algorithm>
#include <cstring>

#include "guest_mm/fault/stack_growth.h"
#include "guest_mm/gup/gup.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {
namespace {

// expand_stack(): the stack above `a`, which is in no mapping, comes down to
// it. mmap_lock is held for reading before; after it only on success.
bool GrowStackTo(AddressSpace& mm, GuestAddr a) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  mm.mmap_lock().ReadRelease();
  if (!mm.mmap_lock().WriteAcquireKillable()) {
    return false;
  }
  Vma* const vma = mm.vmas().FindAtOrAbove(a);
  const bool there = vma != nullptr && vma->range.Contains(a);
  const bool grown = vma != nullptr && !there &&
                     vma->has(VmaFlag::kGrowsDown) &&
                     ExpandStack(mm, *vma, a).ok();
  if (!there && !grown) {
    mm.mmap_lock().WriteRelease();
    return false;
  }
  mm.mmap_lock().Downgrade();
  return true;
}

// Calls `copy(bytes in memory, count done before)` for each page's part of
// [a, a + n). Returns the bytes done.
template <typename Copy>
size_t ForEachPage(AddressSpace& mm, GuestAddr a, size_t n,
                   const GupFlags& flags,
                   Copy copy) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (!mm.mmap_lock().ReadAcquireKillable()) {
    return 0;
  }
  PhysMem& phys = mm.system().phys();
  a = mm.system().arch().Untag(a);
  size_t done = 0;
  while (done < n) {
    const GuestAddr at = a + done;
    const ErrnoOr<Pfn> page = GetUserPageLocked(mm, at, flags);
    if (!page.ok()) {
      if (mm.vmas().Find(at) != nullptr) {
        break;
      }
      if (!GrowStackTo(mm, at)) {
        return done;
      }
      continue;
    }
    const uint64_t offset = at.PageOffset(mm.page_shift());
    const size_t part =
        std::min<size_t>(n - done, mm.page_shift().bytes() - offset);
    copy(absl::MakeSpan(phys.Data(*page) + offset, part), done);
    if (flags.write) {
      phys.WroteByHost(*page);
      LockGuard guard(phys.folio(*page).lock);  // set_page_dirty_lock()
      phys.folio(*page).dirty = true;
    }
    ReleasePage(mm.system(), *page, flags.grab);
    done += part;
  }
  mm.mmap_lock().ReadRelease();
  return done;
}

}  // namespace

size_t ReadRemoteVm(AddressSpace& mm, GuestAddr a, absl::Span<std::byte> to,
                    RemoteRights rights) {
  return ForEachPage(
      mm, a, to.size(), {.force = rights == RemoteRights::kIgnored},
      [&](absl::Span<std::byte> memory, size_t done) {
        std::memcpy(to.data() + done, memory.data(), memory.size());
      });
}

size_t WriteRemoteVm(AddressSpace& mm, GuestAddr a,
                     absl::Span<const std::byte> from, RemoteRights rights) {
  return ForEachPage(mm, a, from.size(),
                     {.write = true, .force = rights == RemoteRights::kIgnored},
                     [&](absl::Span<std::byte> memory, size_t done) {
                       std::memcpy(memory.data(), from.data() + done,
                                   memory.size());
                     });
}

}  // namespace faultline::mm
