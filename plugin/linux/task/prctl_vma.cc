#include "plugin/linux/task/prctl_vma.h"

#include <algorithm>

#include "guest_mm/mm/address_space.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr uint64_t kAnonName = 0;
constexpr size_t kMaxName = 80;

// is_valid_name_char(): printable and none of \ ` $ [ ].
bool ValidName(const std::string& name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return c > 0x1f && c < 0x7f &&
           std::string_view("\\`$[]").find(c) == std::string_view::npos;
  });
}

// Splits at both edges so that the range covers whole VMAs only.
ErrnoOr<Done> NameRange(mm::AddressSpace& mm, mm::GuestRange range,
                        const std::string& name)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  const mm::WriteGuard guard(mm.mmap_lock());
  bool hole = false;
  mm::GuestAddr at = range.start;
  while (at < range.end) {
    mm::Vma* v = mm.vmas().FindAtOrAbove(at);
    if (v == nullptr || v->range.start >= range.end) {
      hole = true;
      break;
    }
    if (v->range.start > at) {
      hole = true;
    }
    if (!v->anonymous()) {
      return Errno::kEBADF;
    }
    if (v->range.start < range.start) {
      FL_ASSIGN(v, mm.vmas().Split(*v, range.start));
    }
    if (v->range.end > range.end) {
      FL_TRY(mm.vmas().Split(*v, range.end));
    }
    at = v->range.end;
    v->anon_name = name;
  }
  return hole ? ErrnoOr<Done>(Errno::kENOMEM) : kDone;
}

}  // namespace

SyscallResult PrctlSetVma(Task& task, const SyscallArgs& args) {
  if (args.U64(1) != kAnonName) {
    return Errno::kEINVAL;
  }
  std::string name;
  if (args.Ptr(4) != 0) {
    auto text = task.user().GetString(args.Ptr(4), kMaxName);
    if (!text.ok()) {
      return text.error() == Errno::kENAMETOOLONG ? Errno::kEINVAL
                                                  : text.error();
    }
    if (!ValidName(*text)) {
      return Errno::kEINVAL;
    }
    name = *std::move(text);
  }
  const auto shift = task.mm().page_shift();
  const mm::GuestAddr start =
      task.mm().system().arch().Untag(mm::GuestAddr(args.U64(2)));
  const mm::GuestAddr end = (start + args.U64(3)).PageUp(shift);
  if (!start.IsPageAligned(shift) || end < start) {
    return Errno::kEINVAL;
  }
  if (start == end) {
    return 0;
  }
  FL_TRY(NameRange(task.mm(), {start, end}, name));
  return 0;
}

}  // namespace faultline::os
