#include "guest_mm/vma/vma_flags.h"

#include <string>

namespace faultline::mm {
namespace {

struct Mnemonic {
  VmaFlag flag;
  const char* text;
};

// In the order of Linux's bit numbers: fs/proc/task_mmu.c
// show_smap_vma_flags() prints them so.
constexpr Mnemonic kMnemonics[] = {
    {VmaFlag::kRead, "rd"},       {VmaFlag::kWrite, "wr"},
    {VmaFlag::kExec, "ex"},       {VmaFlag::kShared, "sh"},
    {VmaFlag::kMayRead, "mr"},    {VmaFlag::kMayWrite, "mw"},
    {VmaFlag::kMayExec, "me"},    {VmaFlag::kMayShare, "ms"},
    {VmaFlag::kGrowsDown, "gd"},  {VmaFlag::kUffdMissing, "um"},
    {VmaFlag::kPfnMap, "pf"},     {VmaFlag::kMaybeGuard, "gu"},
    {VmaFlag::kUffdWp, "uw"},     {VmaFlag::kLocked, "lo"},
    {VmaFlag::kIo, "io"},         {VmaFlag::kSeqRead, "sr"},
    {VmaFlag::kRandRead, "rr"},   {VmaFlag::kDontCopy, "dc"},
    {VmaFlag::kDontExpand, "de"}, {VmaFlag::kLockOnFault, "lf"},
    {VmaFlag::kAccount, "ac"},    {VmaFlag::kNoReserve, "nr"},
    {VmaFlag::kHugeTlb, "ht"},    {VmaFlag::kWipeOnFork, "wf"},
    {VmaFlag::kDontDump, "dd"},   {VmaFlag::kSoftDirty, "sd"},
    {VmaFlag::kHugePage, "hg"},   {VmaFlag::kNoHugePage, "nh"},
    {VmaFlag::kMergeable, "mg"},  {VmaFlag::kMte, "mt"},
    {VmaFlag::kUffdMinor, "ui"},  {VmaFlag::kDroppable, "dp"},
    {VmaFlag::kSealed, "sl"},
};

}  // namespace

std::string SmapsFlags(VmaFlags f) {
  std::string out;
  for (const Mnemonic& m : kMnemonics) {
    if (f.has(m.flag)) {
      if (!out.empty()) {
        out += ' ';
      }
      out += m.text;
    }
  }
  return out;
}

}  // namespace faultline::mm
