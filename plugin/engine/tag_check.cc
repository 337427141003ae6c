// Checks of pointer tags against memory tags (arm64 MTE), which the engine does
// not have. Tagged memory whose tags are all those of the pointer is filled as
// it is: nothing can fail there, and code runs at full speed. Else the page is
// filled in the tag window, and each access asks here first (tag_window.cc).
// Whoever changes a frame's tags tells (TagsChanged()).
//
// Arm ARM, D10.4 (Tag checking); SCTLR_EL1.TCF0 and PSTATE.TCO are what
// TagChecks stands for.

#include <cstring>
#include <optional>
#include <utility>

#include "arch_arm64/mem_access.h"
#include "arch_arm64/mte_insn.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/pgtable/tagged.h"
#include "plugin/engine/cpu_impl.h"
#include "plugin/engine/frame_window.h"

namespace faultline::engine {

bool Cpu::Impl::IsChecked(const mm::PageTable::Translation& t) const {
  return checks.any() && t.flags.has(mm::EntryFlag::kMte);
}

// Where `va` leads, if to memory with tags.
std::optional<mm::PhysAddr> Cpu::Impl::Tagged(uint64_t va) const {
  return mm::TaggedAt(mm->page_table(),
                      port.arch_ops().Untag(mm::GuestAddr(va)));
}

// Where the TLB is to lead for `va`; `physical` is the engine's page behind it.
// What begins on a page is asked for there: before one of several tags another
// is not filled as it is. Nothing: one is, and must be forgotten first.
std::optional<uint64_t> Cpu::Impl::CheckedPage(uint64_t va, uint64_t physical) {
  const mm::FrameTags& tags = phys->tags();
  const auto tag = tags.Uniform(mm::PhysAddr(physical), kEnginePageBytes);
  if (tag == arm64::TagOf(va)) {
    const std::optional<mm::PhysAddr> next = Tagged(va + kEnginePageBytes);
    if (!next.has_value() || tags.Uniform(*next, kEnginePageBytes)) {
      uniform_frames.insert(physical >> page_shift.value());
      return physical;
    }
  } else if (!tag.has_value()) {
    const std::optional<mm::PhysAddr> before = Tagged(va - kEnginePageBytes);
    if (before.has_value() &&
        uniform_frames.contains(before->value() >> page_shift.value())) {
      ForgetAllPages();
      return std::nullopt;
    }
  }
  window_frames.insert(physical >> page_shift.value());
  asked.known_pc = physical;
  return kTagCheckedPhys + physical;
}

// The instruction at `at`, which has been fetched. While the engine runs,
// nobody changes page tables: a page is looked up once.
uint32_t Cpu::Impl::InstructionAt(uint64_t at) {
  constexpr uint64_t kPageMask = kEnginePageBytes - 1;
  if (code_page.bytes == nullptr || code_page.va != (at & ~kPageMask)) {
    mm::PageTable::Translation t;
    if (mode == mm::Mode::kKernel) {
      code_page.bytes =
          phys->ram() + image_phys + ((at & ~kPageMask) - image.base);
    } else if (mm->page_table().Translate(
                   port.arch_ops().Untag(mm::GuestAddr(at)), mm::Access::kExec,
                   mm::Mode::kUser, &t, nullptr)) {
      code_page.bytes =
          phys->Data(t.pfn) + (at & page_shift.mask() & ~kPageMask);
    } else {
      return 0;
    }
    code_page.va = at & ~kPageMask;
  }
  uint32_t insn = 0;
  std::memcpy(&insn, code_page.bytes + (at & kPageMask), sizeof insn);
  return insn;
}

// The first byte of the access whose granule has another tag than the pointer.
// `at` is on its page, or on one of its two: a page that is not tagged is not
// for us to judge.
std::optional<uint64_t> Cpu::Impl::FirstMismatch(const arm64::MemAccess& access,
                                                 mm::PhysAddr at) {
  constexpr uint64_t kMask = ~(arm64::kTagGranule - 1);
  constexpr uint64_t kPageMask = kEnginePageBytes - 1;
  const uint8_t tag = arm64::TagOf(access.address);
  const uint64_t end = access.address + access.bytes;
  for (uint64_t byte = access.address; byte < end;
       byte = (byte & kMask) + arm64::kTagGranule) {
    const std::optional<mm::PhysAddr> here =
        access.CrossesPage()
            ? Tagged(byte)
            : mm::PhysAddr((at.value() & ~kPageMask) | (byte & kPageMask));
    if (here.has_value() && phys->tags().Get(*here) != tag) {
      return byte;
    }
  }
  return std::nullopt;
}

// What the instruction at `at` is about to access, as the registers are now.
std::optional<arm64::MemAccess> Cpu::Impl::AccessAt(uint64_t at) {
  const auto reg = [this](unsigned n) {
    uint64_t value = 0;
    uc_reg_read(uc,
                n < 29    ? int(UC_ARM64_REG_X0 + n)
                : n == 29 ? int(UC_ARM64_REG_X29)
                : n == 30 ? int(UC_ARM64_REG_X30)
                          : int(UC_ARM64_REG_SP),
                &value);
    return value;
  };
  return arm64::DecodeAccess(InstructionAt(at), reg);
}

// The engine says that it was misaligned, and not where.
void Cpu::Impl::LocateMisaligned(Trap& trap) {
  if (const std::optional<arm64::MemAccess> access = AccessAt(pc())) {
    trap.access = access->write ? mm::Access::kWrite : mm::Access::kRead;
    trap.raw_address = access->address;
    trap.address = port.arch_ops().Untag(mm::GuestAddr(access->address));
  }
}

// No tag is looked at before all of the access may be: an access to two pages,
// and an atomic operation, which the engine begins with a load.
bool Cpu::Impl::MayTouch(const arm64::MemAccess& access) {
  constexpr uint64_t kPageMask = kEnginePageBytes - 1;
  const uint64_t last = (access.address + access.bytes - 1) & ~kPageMask;
  for (uint64_t page = access.address & ~kPageMask;; page = last) {
    const mm::Access how =
        access.write ? mm::Access::kWrite : mm::Access::kRead;
    mm::PageTable::Translation t;
    bool present = false;
    if (!mm->page_table().Translate(port.arch_ops().Untag(mm::GuestAddr(page)),
                                    how, mm::Mode::kUser, &t, &present)) {
      access_refused = true;
      return Refuse(page, how, present);
    }
    if (page == last) {
      return true;
    }
  }
}

// The instruction at `insn` is about to access the tag window at `at`. False:
// it must not.
bool Cpu::Impl::MayAccessTagged(uint64_t insn, mm::PhysAddr at, bool store) {
  const std::optional<arm64::MemAccess> access = AccessAt(insn);
  if (access.has_value() &&
      ((access->write && !store) || access->CrossesPage()) &&
      !MayTouch(*access)) {
    return false;
  }
  // Of the kernel's accesses only those that are made as the program's are
  // checked in its mode (SCTLR_EL1.TCF0).
  if (access.has_value() && access->tag_checked &&
      (mode == mm::Mode::kUser || access->unprivileged)) {
    const TagCheck check = access->write ? checks.stores : checks.loads;
    std::optional<uint64_t> mismatch =
        check == TagCheck::kNone ? std::nullopt : FirstMismatch(*access, at);
    if (mismatch.has_value() && check == TagCheck::kSync) {
      mismatch = access->block ? access->address : *mismatch;
      tag_fault = {*mismatch,
                   access->write ? mm::Access::kWrite : mm::Access::kRead,
                   true};
      if (access->block) {  // at whose refusal the engine does not stop
        RefuseInstruction(insn);
      }
      return false;
    }
    // What the kernel's own copies leave in TFSRE0_EL1 is cleared on the way
    // out (Linux: arch/arm64/kernel/entry.S clear_mte_async_tcf).
    async_tag_fault |= mismatch.has_value() && mode == mm::Mode::kUser;
  }
  if (store) {
    SeeStore(mm::Pfn(at.value() >> page_shift.value()));
  }
  return true;
}

// The engine does not see that this store may change instructions.
void Cpu::Impl::SeeStore(mm::Pfn frame) {
  if (phys->frame(frame).executed) {
    phys->frame(frame).executed = false;
    code_frames.push_back(frame);
    uc_emu_stop(uc);
  }
}

Trap Cpu::Impl::TagFaultTrap() const {
  Trap t;
  t.kind = Trap::Kind::kTagFault;
  t.mode = mode;
  t.access = tag_fault.access;
  t.was_present = true;
  t.raw_address = tag_fault.va;
  t.address = port.arch_ops().Untag(mm::GuestAddr(tag_fault.va));
  return t;
}

// What an access met that MayAccessTagged() has refused, if one was.
std::optional<Trap> Cpu::Impl::RefusedAccess() const {
  if (tag_fault.noted) {
    return TagFaultTrap();
  }
  return access_refused ? std::optional(PageFaultTrap()) : std::nullopt;
}

void Cpu::SetTagChecks(CpuContext& context, TagChecks checks) {
  context.state().checks = checks;
  if (impl_->loaded == &context) {
    impl_->UseTagChecks(context.state().effective_checks());
  }
}

// What was filled under other rules is forgotten.
void Cpu::Impl::UseTagChecks(TagChecks now) {
  if (checks != now) {
    checks = now;
    ForgetAllPages();
  }
}

bool Cpu::TakeAsyncTagFault() {
  return std::exchange(impl_->async_tag_fault, false);
}

size_t Cpu::TagCheckedPages() const { return impl_->window_frames.size(); }

void Cpu::TagsChanged(mm::Pfn frame) {
  Impl& i = *impl_;
  const bool better =
      i.window_frames.contains(frame.value()) &&
      i.phys->tags().Uniform(frame.ToPhys(i.page_shift), i.page_shift.bytes());
  if (better || i.uniform_frames.contains(frame.value())) {
    i.ForgetAllPages();
  }
}

}  // namespace faultline::engine
