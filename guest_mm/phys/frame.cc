#include "guest_mm/phys/frame.h"

namespace faultline::mm {

const char* ToString(AllocPurpose p) {
  switch (p) {
    case AllocPurpose::kAnon:
      return "anon";
    case AllocPurpose::kPageCache:
      return "pagecache";
    case AllocPurpose::kHugeAnon:
      return "thp.anon";
    case AllocPurpose::kHugePageCache:
      return "thp.file";
    case AllocPurpose::kHugeZero:
      return "thp.zero";
    case AllocPurpose::kHugeCollapse:
      return "thp.collapse";
    case AllocPurpose::kHugeFileCollapse:
      return "thp.collapse.file";
    case AllocPurpose::kTableRoot:
      return "table.root";
    case AllocPurpose::kTableP4d:
      return "table.p4d";
    case AllocPurpose::kTablePud:
      return "table.pud";
    case AllocPurpose::kTablePmd:
      return "table.pmd";
    case AllocPurpose::kTablePte:
      return "table.pte";
    case AllocPurpose::kKernel:
      return "kernel";
    case AllocPurpose::kHugeTlb:
      return "hugetlb";
  }
  return "?";
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
