// Instructions and stores to the same frame. The engine keeps translations by
// physical page and looks for them when a store goes the slow way, which
//  - the first store through a fresh writable TLB entry does, and later ones do
//    not, if the entry may not execute ("unseen");
//  - every store does, at sixteen times the cost, if it may ("seen").
// So an unseen entry must not coexist with translations of its frame, nor with
// an entry elsewhere through which new ones could be made without asking. Who
// comes second, the fetch or the store, has the other forgotten and is tried
// again. The guest notices nothing.

#include "guest_mm/mm/address_space.h"
#include "plugin/engine/cpu_impl.h"
#include "plugin/engine/frame_window.h"

namespace faultline::engine {

// What a data fill at `page` may let through. A load is given write access too
// if the page is dirty already, to save a second fill.
Cpu::Impl::StoreRights Cpu::Impl::StoresTo(const mm::PageTable::Translation& t,
                                           mm::Access access, uint64_t page) {
  if (!t.write) {
    return StoreRights::kNone;
  }
  mm::Frame& frame = phys->frame(t.pfn);
  if (!frame.executed) {
    aliases->AddStore(t.pfn, page);
    return StoreRights::kUnseen;
  }
  if (access == mm::Access::kRead) {
    return StoreRights::kNone;
  }
  const bool own_code = !t.exec && ExecutesFrom(t.pfn);
  if (t.exec || own_code) {  // code and data on one page, or it alters itself
    if (watching != nullptr) {
      watching->StoresToCode(t.pfn);
    }
    if (!aliases->AddFetch(t.pfn, page)) {
      ForgetAllPages();
      return StoreRights::kRetry;
    }
    if (own_code) {
      // The guest may not fetch here, the entry may: it goes at the next stop.
      // Earlier would be better, but the engine starts a store to its own
      // block again, and a stop before that would come back here for ever.
      ForgetAllPages();
    }
    return StoreRights::kSeen;
  }
  code_frames.push_back(t.pfn);
  frame.executed = false;
  return StoreRights::kRetry;
}

// False: what the engine has of the frame may be of a time that was undone, and
// is noted to be forgotten.
bool Cpu::Impl::TranslationsHold(mm::Pfn frame) {
  if (!kept_code.has_value() ||
      kept_code->Matches(frame, {phys->Data(frame), page_shift.bytes()})) {
    return true;
  }
  code_frames.push_back(frame);
  return false;
}

// Whether an entry at `page` may fetch; false: not before what is noted has
// been forgotten.
bool Cpu::Impl::MayExecute(const mm::PageTable::Translation& t, uint64_t page) {
  if (!TranslationsHold(t.pfn)) {
    return false;
  }
  if (!aliases->AddFetch(t.pfn, page)) {
    ForgetAllPages();
    return false;
  }
  phys->MarkExecuted(t.pfn);
  return true;
}

// True if the block being run may have instructions of `frame`. It may go on
// into the next page.
bool Cpu::Impl::ExecutesFrom(mm::Pfn frame) {
  for (const uint64_t at : {pc(), pc() + kEnginePageBytes}) {
    const mm::GuestAddr address = port.arch_ops().Untag(mm::GuestAddr(at));
    mm::PageTable::Translation t;
    if (address.value() < user_end &&
        mm->page_table().Translate(address, mm::Access::kExec, mm::Mode::kUser,
                                   &t, nullptr) &&
        t.pfn == frame) {
      return true;
    }
  }
  return false;
}

}  // namespace faultline::engine
