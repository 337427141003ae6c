#include "plugin/inject/events.h"

#include <memory>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "guest_mm/calls/calls.h"
#include "guest_mm/calls/memory_error.h"
#include "guest_mm/pgtable/tagged.h"
#include "guest_mm/thp/split_huge_pages.h"
#include "guest_mm/uffd/uffd_context.h"
#include "plugin/linux/memory/memory_failure.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/tag_log.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::inject {
namespace {

using mm::AddressSpace;
using mm::GuestAddr;
using mm::GuestRange;

enum : int { kMadvDontNeed = 4, kMadvPageOut = 21, kMadvCollapse = 25 };

// The address that an event is about: its own argument, or the passing's.
GuestAddr AddressOf(const Rule& rule, const Passing& passing) {
  uint64_t a = passing.address;
  if (!rule.argument.empty()) {
    FL_CHECK(absl::SimpleHexAtoi(rule.argument, &a));
  }
  return GuestAddr(a);
}

uint64_t HugeBytes(AddressSpace& mm) {
  return mm.system().arch().geometry().HugeBytes();
}

// Gives the granule at `a` a tag, if its page is there and has some: as the
// program's own instruction would, but for the pointer's tag.
void SetTag(os::Kernel& kernel, AddressSpace& mm, GuestAddr a,
            mm::MemoryTag tag) {
  const std::optional<mm::PhysAddr> at = mm::TaggedAt(mm.page_table(), a);
  if (!at.has_value()) {
    return;
  }
  mm::PhysMem& phys = mm.system().phys();
  const mm::Pfn pfn(at->value() >> phys.page_shift().value());
  kernel.tag_log().Note({.granule = *at,
                         .address = a,
                         .by = os::TagLog::By::kInjection,
                         .before = phys.tags().Get(*at),
                         .tag = tag});
  phys.tags().Set(*at, tag);
  kernel.cpu().TagsChanged(pfn);
}

// Every userfaultfd that watches memory of `mm` is closed.
void CloseUserfaultfds(AddressSpace& mm) {
  std::vector<std::shared_ptr<mm::UffdContext>> contexts;
  {
    mm::ReadGuard guard(mm.mmap_lock());
    for (const mm::Vma& v : mm.vmas()) {
      if (v.uffd != nullptr &&
          (contexts.empty() || contexts.back() != v.uffd)) {
        contexts.push_back(v.uffd);
      }
    }
  }
  for (const std::shared_ptr<mm::UffdContext>& context : contexts) {
    if (!context->released()) {
      context->Release();
    }
  }
}

// What is done to memory at `a`.
void DoToMemory(os::Kernel& kernel, const Rule& rule, AddressSpace& mm,
                GuestAddr a) {
  const uint64_t page = mm.page_shift().bytes();
  const GuestAddr start = a.PageDown(mm.page_shift());
  switch (rule.action) {
    case ActionKind::kReclaim:
      (void)mm::Madvise(mm, start, page, kMadvPageOut);
      break;
    case ActionKind::kDontNeed:
      (void)mm::Madvise(mm, start, page, kMadvDontNeed);
      break;
    case ActionKind::kCollapse:
      (void)mm::Madvise(mm, a.AlignDown(HugeBytes(mm)), HugeBytes(mm),
                        kMadvCollapse);
      break;
    case ActionKind::kSplit:
      (void)mm::SplitHugePagesIn(mm, GuestRange::At(start, page));
      break;
    case ActionKind::kPoison:
      (void)mm::InjectMemoryErrors(
          mm, GuestRange::At(start, page),
          [&kernel](AddressSpace& whose, GuestAddr at, int lsb) {
            os::ReportMemoryFailure(kernel, whose, at, lsb);
          });
      break;
    case ActionKind::kTag: {
      uint32_t tag = 0;
      FL_CHECK(rule.argument.empty() || absl::SimpleAtoi(rule.argument, &tag));
      SetTag(kernel, mm, a, mm::MemoryTag(tag));
      break;
    }
    default:
      break;
  }
}

void Perform(os::Kernel& kernel, const Rule& rule, const Passing& passing) {
  // Others run while it works: what it works on stays.
  const std::shared_ptr<os::Task> task = TaskOf(kernel, passing);
  if (task == nullptr) {
    return;
  }
  if (rule.action == ActionKind::kSignal) {
    os::SigInfo info(
        rule.argument.empty() ? int(os::kSigKill) : os::SignalOf(rule.argument),
        os::kSiKernel);
    (void)os::SendSignal(*task, info);
    return;
  }
  const std::shared_ptr<AddressSpace> mm = task->shared.mm;
  if (mm == nullptr) {
    return;
  }
  if (rule.action == ActionKind::kUffdClose) {
    CloseUserfaultfds(*mm);
    return;
  }
  const GuestAddr a = AddressOf(rule, passing);
  if (a != GuestAddr(0)) {
    DoToMemory(kernel, rule, *mm, a);
  }
}

}  // namespace

std::shared_ptr<os::Task> TaskOf(os::Kernel& kernel, const Passing& passing) {
  if (passing.actor != nullptr && passing.actor->owner() != nullptr) {
    return kernel.processes().FindTask(
        static_cast<const os::Task*>(passing.actor->owner())->tid());
  }
  return kernel.processes().FindTask(kernel.first_pid());
}

Injector::Event MakeEvent(os::Kernel& kernel, const Rule& rule) {
  return [&kernel, rule](const Passing& passing) {
    Perform(kernel, rule, passing);
  };
}

}  // namespace faultline::inject
