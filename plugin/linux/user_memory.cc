#include "plugin/linux/user_memory.h"

#include <algorithm>
#include <cstring>

#include "guest_mm/arch_ops.h"
#include "guest_mm/fault/handle_page_fault.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::os {
namespace {

using mm::Access;
using mm::GuestAddr;

// access_ok(): the whole range must be user space. Nothing else is checked
// before the copy.
bool AccessOk(mm::AddressSpace& mm, GuestAddr start, size_t bytes) {
  const uint64_t end = mm.system().arch().layout().user_end.value();
  return bytes <= end && start.value() <= end - bytes;
}

// kWithoutRetry: faults are handled, but must not wait with mmap_lock dropped.
enum class Faults : uint8_t { kEnabled, kWithoutRetry, kDisabled };

// The host bytes behind `a` (to the end of its page at most), faulted in as
// kernel code would. Null if it cannot be.
std::byte* Resolve(mm::AddressSpace& mm, GuestAddr a, Access access,
                   Faults faults, mm::Pfn* pfn) {
  for (;;) {
    mm::PageTable::Translation t;
    bool present = false;
    if (mm.page_table().Translate(a, access, mm::Mode::kUser, &t, &present)) {
      *pfn = t.pfn;
      return mm.system().phys().Data(t.pfn) + a.PageOffset(mm.page_shift());
    }
    if (faults == Faults::kDisabled) {
      return nullptr;
    }
    mm::Fault fault;
    fault.address = a;
    fault.access = access;
    fault.mode = mm::Mode::kKernel;
    fault.was_present = present;
    fault.may_retry = faults != Faults::kWithoutRetry;
    if (!mm::HandlePageFault(mm, fault).handled()) {
      return nullptr;
    }
  }
}

// As the kernel's copies go, ascending: where `to` lies within what is to be
// read, read() of a file into a mapping of itself, bytes repeat.
void CopyAscending(std::byte* to, const std::byte* from, size_t n) {
  const uintptr_t ahead = uintptr_t(to) - uintptr_t(from);
  const size_t piece = ahead != 0 && ahead < n ? ahead : n;
  for (size_t done = 0; done < n; done += piece) {
    std::memmove(to + done, from + done, std::min(piece, n - done));
  }
}

// Calls `step(host, count, offset)` for each page's part of the range; returns
// the bytes not reached. Between translating and touching a page there is no
// schedule point, so the frame cannot go away.
template <typename Step>
size_t ForEachPage(mm::AddressSpace& mm, uint64_t user, size_t bytes,
                   Access access, Step step, Faults faults = Faults::kEnabled) {
  const GuestAddr start = mm.system().arch().Untag(GuestAddr(user));
  if (!AccessOk(mm, start, bytes)) {
    return bytes;
  }
  const size_t page = mm.page_shift().bytes();
  size_t done = 0;
  while (done < bytes) {
    const GuestAddr a = start + done;
    mm::Pfn pfn;
    std::byte* host = Resolve(mm, a, access, faults, &pfn);
    if (host == nullptr) {
      break;
    }
    const size_t n =
        std::min(bytes - done, page - a.PageOffset(mm.page_shift()));
    const bool more = step(host, n, done);
    if (access == Access::kWrite) {
      mm.system().phys().WroteByHost(pfn);
    }
    done += n;
    if (!more) {
      break;
    }
  }
  return bytes - done;
}

}  // namespace

size_t UserMemory::CopyTo(uint64_t user, absl::Span<const std::byte> from) {
  return ForEachPage(mm_, user, from.size(), Access::kWrite,
                     [&](std::byte* host, size_t n, size_t at) {
                       CopyAscending(host, from.data() + at, n);
                       return true;
                     });
}

size_t UserMemory::CopyFrom(absl::Span<std::byte> to, uint64_t user) {
  return ForEachPage(mm_, user, to.size(), Access::kRead,
                     [&](std::byte* host, size_t n, size_t at) {
                       CopyAscending(to.data() + at, host, n);
                       return true;
                     });
}

size_t UserMemory::CopyFromNofault(absl::Span<std::byte> to, uint64_t user) {
  return ForEachPage(
      mm_, user, to.size(), Access::kRead,
      [&](std::byte* host, size_t n, size_t at) {
        CopyAscending(to.data() + at, host, n);
        return true;
      },
      Faults::kDisabled);
}

size_t UserMemory::FaultInReadable(uint64_t user, size_t bytes) {
  return ForEachPage(mm_, user, bytes, Access::kRead,
                     [](std::byte*, size_t, size_t) { return true; });
}

size_t UserMemory::Clear(uint64_t user, size_t bytes) {
  return ForEachPage(mm_, user, bytes, Access::kWrite,
                     [](std::byte* host, size_t n, size_t) {
                       std::memset(host, 0, n);
                       return true;
                     });
}

ErrnoOr<std::string> UserMemory::GetString(uint64_t user, size_t max) {
  const GuestAddr start = mm_.system().arch().Untag(GuestAddr(user));
  const uint64_t end = mm_.system().arch().layout().user_end.value();
  if (start.value() >= end) {
    return Errno::kEFAULT;
  }
  std::string text;
  bool ended = false;
  const size_t bytes = std::min<uint64_t>(max, end - start.value());
  const size_t left = ForEachPage(
      mm_, user, bytes, Access::kRead, [&](std::byte* host, size_t n, size_t) {
        const void* nul = std::memchr(host, 0, n);
        ended = nul != nullptr;
        text.append(
            reinterpret_cast<const char*>(host),
            ended ? size_t(static_cast<const std::byte*>(nul) - host) : n);
        return !ended;
      });
  if (ended) {
    return text;
  }
  return left != 0 || bytes < max ? Errno::kEFAULT : Errno::kENAMETOOLONG;
}

ErrnoOr<Done> UserMemory::FaultInWriteable(uint64_t user) {
  const GuestAddr a = mm_.system().arch().Untag(GuestAddr(user));
  mm::Pfn pfn;
  const bool there =
      AccessOk(mm_, a, sizeof(uint32_t)) &&
      Resolve(mm_, a, Access::kWrite, Faults::kWithoutRetry, &pfn) != nullptr;
  return there ? ErrnoOr<Done>(kDone) : Errno::kEFAULT;
}

ErrnoOr<uint32_t> UserMemory::CompareExchange(uint64_t user, uint32_t expected,
                                              uint32_t desired) {
  uint32_t found = 0;
  const size_t left = user % 4 != 0
                          ? 4
                          : ForEachPage(mm_, user, sizeof found, Access::kWrite,
                                        [&](std::byte* host, size_t n, size_t) {
                                          std::memcpy(&found, host, n);
                                          if (found == expected) {
                                            std::memcpy(host, &desired, n);
                                          }
                                          return true;
                                        });
  if (left != 0) {
    return Errno::kEFAULT;
  }
  return found;
}

}  // namespace faultline::os
