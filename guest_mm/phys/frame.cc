#include "guest_mm/phys/frame.h"

#include <string>

namespace faultline::mm {

namespace {

// By purpose, in the order of the enumeration. Linux: should_fail_alloc_page().
constexpr FailSite kSites[kAllocPurposes] = {
    {"alloc.anon", "a page of private memory"},
    {"alloc.pagecache", "a page of a file, shmem or not"},
    {"alloc.thp.anon", "a huge page of private memory, at a fault"},
    {"alloc.thp.file", "a huge page of a file, at a fault or a write"},
    {"alloc.thp.zero", "the huge page of zeros"},
    {"alloc.thp.collapse", "a huge page to collapse private memory into"},
    {"alloc.thp.collapse.file", "a huge page to collapse a file's pages into"},
    {"alloc.table.root", "the root of a process's page tables"},
    {"alloc.table.p4d", "a page table of fourth-level entries"},
    {"alloc.table.pud", "a page table of third-level entries"},
    {"alloc.table.pmd", "a page table of second-level entries"},
    {"alloc.table.pte", "a page table of base-page entries"},
    {"alloc.kernel", "a page for the kernel's own use: objects, pipe buffers"},
    {"alloc.hugetlb", "a huge page for a pool"},
};

}  // namespace

const FailSite& SiteOf(AllocPurpose p) { return kSites[size_t(p)]; }

const char* ToString(AllocPurpose p) {
  return SiteOf(p).name + std::char_traits<char>::length("alloc.");
}

const char* ToString(FrameUse use) {
  switch (use) {
    case FrameUse::kFree:
      return "free";
    case FrameUse::kReserved:
      return "reserved";
    case FrameUse::kAnon:
      return "anon";
    case FrameUse::kPageCache:
      return "pagecache";
    case FrameUse::kPageTable:
      return "pagetable";
    case FrameUse::kKernel:
      return "kernel";
    case FrameUse::kHugeTlb:
      return "hugetlb";
    case FrameUse::kTail:
      return "tail";
  }
  return "?";
}

}  // namespace faultline::mm
