#include "plugin/inject/site_list.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "guest_mm/file/backing.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/gup/gup.h"
#include "guest_mm/hugetlb/hugetlb.h"
#include "guest_mm/hugetlb/hugetlb_file.h"
#include "guest_mm/hugetlb/reservation.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/pgtable/table_lock.h"
#include "guest_mm/pgtable/tlb_gather.h"
#include "guest_mm/phys/dma_engine.h"
#include "guest_mm/phys/slab.h"
#include "guest_mm/reclaim/reclaim.h"
#include "guest_mm/reclaim/scan.h"
#include "guest_mm/rmap/migrate_page.h"
#include "guest_mm/swap/swap_area.h"
#include "guest_mm/thp/collapse.h"
#include "guest_mm/thp/collapse_file.h"
#include "guest_mm/thp/collapse_pte_mapped.h"
#include "guest_mm/thp/retract_page_tables.h"
#include "guest_mm/thp/split_folio.h"
#include "guest_mm/uffd/handle_userfault.h"
#include "guest_mm/uffd/mfill.h"
#include "guest_mm/uffd/move_pages.h"
#include "guest_mm/uffd/uffd_context.h"
#include "guest_mm/vma/anon_vma.h"
#include "plugin/inject/injector.h"
#include "plugin/linux/fs/inode.h"
#include "plugin/linux/fs/regular_file.h"
#include "plugin/linux/futex/futex_ops.h"
#include "plugin/linux/ipc/pipe.h"
#include "plugin/linux/ipc/unix_socket.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/user_memory.h"

namespace faultline::inject {
namespace {

// Those of allocations and trylocks come from their purposes and classes.
constexpr const mm::FailSite* kFailures[] = {
    &mm::kFileReadError, &mm::kFileWriteError, &mm::kSlabSite,
    &mm::kSwapReadError, &mm::kSwapWriteError, &mm::kTableGoneSite,
    &os::kUserCopySite};

constexpr const mm::LockClass* kLocks[] = {
    &mm::kMmapLock,          &mm::kMapChangingLock, &mm::kHugetlbFileLock,
    &mm::kHugetlbFaultMutex, &mm::kHugetlbVmaLock,  &mm::kPageLock,
    &mm::kIMmapLock,         &mm::kAnonVmaLock,     &mm::kPmdLock,
    &mm::kPageTableLock,     &os::kPositionLock,    &os::kInodeLock,
    &os::kPipeLock,          &os::kUnixReadLock};

struct Point {
  const mm::PointSite* site;
  const char* what;
};
constexpr Point kPoints[] = {
    {&mm::kSchedWait, "an actor begins to wait"},
    {&mm::kSchedNext, "between two actors"},
    {&mm::kPageAllocPoint, "a frame is about to be asked for"},
    {&mm::kDmaStepPoint, "a device is about to move the next segment"},
    {&mm::kTlbFlushPoint, "what was taken away is about to be flushed"},
    {&mm::kGupFastPoint, "a lockless look for a page begins"},
    {&mm::kGupFastSeenPoint, "it has seen the entry, and holds nothing"},
    {&mm::kGupFastHeldPoint, "it holds the page, and looks at the entry again"},
    {&mm::kGupFastDonePoint, "it has all, and asks whether a fork came by"},
    {&mm::kGupFaultPoint, "a page is not there as wanted, under mmap_lock"},
    {&mm::kSwapReadPoint, "a page is about to be read from swap"},
    {&mm::kSwapWritePoint, "a page is about to be written to swap"},
    {&mm::kSwapOffPoint, "swapoff waits for what is left"},
    {&mm::kReclaimBatchPoint, "between two batches of reclaim"},
    {&mm::kDirectReclaimPoint, "an allocation is about to reclaim by itself"},
    {&mm::kMigrateUnmappedPoint, "a page on the move is unmapped"},
    {&mm::kSplitUnmappedPoint, "a huge page to be split is unmapped"},
    {&mm::kCollapseDetachedPoint, "a collapse has taken the table away"},
    {&mm::kCollapseIsolatedPoint, "a collapse has isolated all pages"},
    {&mm::kCollapseCopiedPoint, "a collapse has copied all pages"},
    {&mm::kFileIsolatedPoint, "a file's collapse has all pages locked"},
    {&mm::kFileCopiedPoint, "a file's collapse has copied all pages"},
    {&mm::kFileReplacedPoint, "a file's collapse has replaced all pages"},
    {&mm::kPteMappedCheckedPoint, "a table to go is known to map the folio"},
    {&mm::kPteMappedClearedPoint, "the entries of a table to go are cleared"},
    {&mm::kRetractFoundPoint, "a mapping is about to lose its table"},
    {&mm::kUffdRaisedPoint, "a userfault can be read, nobody sleeps yet"},
    {&mm::kUffdSignalPoint, "a userfault goes round: a signal came"},
    {&mm::kUffdTablePoint, "a fill has its tables, and no lock yet"},
    {&mm::kUffdCheckedPoint, "a fill has looked at its tables twice"},
    {&mm::kUffdUnlockedPoint, "a fill has dropped its locks to read"},
    {&mm::kUffdMovePoint, "a move has looked, and holds no lock yet"},
    {&mm::kUffdMoveAgainPoint, "a move begins again with a page"},
    {&os::kSyscallEnter, "a system call begins"},
    {&os::kSyscallExit, "a system call ends"},
    {&os::kUserSlice, "a thread's time slice ends"},
    {&os::kUserInsn, "an instruction of user code begins, with --points"},
    {&os::kSchedYieldPoint, "sched_yield(2)"},
    {&os::kFutexQueued, "a futex waiter is queued, the word not yet read"},
    {&os::kFutexWord, "a futex word was looked at or changed"},
};

struct Site {
  SiteKind kind;
  std::string name, what;
};

std::vector<Site> Collect() {
  std::vector<Site> all;
  const auto fails = [&all](const mm::FailSite& s) {
    if (s.name != nullptr) {
      all.push_back({SiteKind::kFailure, s.name, s.what});
    }
  };
  for (int i = 0; i < mm::kAllocPurposes; ++i) {
    fails(mm::SiteOf(mm::AllocPurpose(i)));
  }
  for (const mm::FailSite* site : kFailures) {
    fails(*site);
  }
  for (const mm::LockClass* c : kLocks) {
    fails(c->trying);
    all.push_back({SiteKind::kPoint, c->locking.name,
                   absl::StrCat(c->name, " is about to be taken")});
    all.push_back({SiteKind::kPoint, c->locked.name,
                   absl::StrCat(c->name, " has just been taken")});
    all.push_back({SiteKind::kPoint, c->unlocked.name,
                   absl::StrCat(c->name, " has just been released")});
  }
  for (const Point& p : kPoints) {
    all.push_back({SiteKind::kPoint, p.site->name, p.what});
  }
  std::sort(all.begin(), all.end(), [](const Site& a, const Site& b) {
    return std::tie(a.kind, a.name) < std::tie(b.kind, b.name);
  });
  return all;
}

}  // namespace

absl::Span<const SiteInfo> Sites() {
  static const auto* const kSites = new std::vector<Site>(Collect());
  static const auto* const kInfo = [] {
    auto* info = new std::vector<SiteInfo>();
    for (const Site& s : *kSites) {
      info->push_back({s.kind, s.name.c_str(), s.what.c_str()});
    }
    return info;
  }();
  return *kInfo;
}

SiteFound FindSite(std::string_view pattern, bool to_fail) {
  SiteFound found = SiteFound::kNo;
  for (const SiteInfo& site : Sites()) {
    if (SiteMatches(pattern, site.name)) {
      if (site.kind == SiteKind::kFailure || !to_fail) {
        return SiteFound::kYes;
      }
      found = SiteFound::kCannotFail;
    }
  }
  return found;
}

absl::Status CheckSite(const Rule& rule) {
  switch (FindSite(rule.site, rule.action == ActionKind::kFail)) {
    case SiteFound::kYes:
      return absl::OkStatus();
    case SiteFound::kCannotFail:
      return absl::InvalidArgumentError(
          absl::StrCat("--inject ", rule.site,
                       ": nothing there can fail; name an event "
                       "(=delay, =signal:KILL, ...)"));
    case SiteFound::kNo:
      break;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "--inject ", rule.site, ": no such site; `faultline sites` lists them"));
}

std::string SitesText() {
  std::string out = "What can fail, and where it does\n";
  SiteKind kind = SiteKind::kFailure;
  for (const SiteInfo& site : Sites()) {
    if (site.kind != kind) {
      kind = site.kind;
      out += "\nWhere something can happen\n";
    }
    absl::StrAppendFormat(&out, "  %-28s %s\n", site.name, site.what);
  }
  out += "\nWhat can be made to happen\n";
  for (const ActionInfo& a : Actions()) {
    const std::string name = a.argument[0] == '\0'
                                 ? std::string(a.name)
                                 : absl::StrCat(a.name, "[:", a.argument, "]");
    absl::StrAppendFormat(&out, "  %-28s %s\n", name, a.what);
  }
  return out;
}

std::string SitesJson() {
  std::string out;
  for (const SiteInfo& site : Sites()) {
    absl::StrAppendFormat(
        &out, "{\"site\":\"%s\",\"kind\":\"%s\",\"what\":\"%s\"}\n", site.name,
        site.kind == SiteKind::kFailure ? "failure" : "point", site.what);
  }
  for (const ActionInfo& a : Actions()) {
    absl::StrAppendFormat(
        &out, "{\"action\":\"%s\",\"argument\":\"%s\",\"what\":\"%s\"}\n",
        a.name, a.argument, a.what);
  }
  return out;
}

}  // namespace faultline::inject
