// The TLB-fill bridge: Unicorn has missed in its TLB and asks for the physical
// page and the rights. We answer as a hardware walker: from the current
// address space's page table, setting accessed and dirty bits, or not at all,
// which ends the emulation on the instruction.

#include "guest_mm/mm/address_space.h"
#include "plugin/engine/cpu_impl.h"
#include "plugin/engine/frame_window.h"

namespace faultline::engine {
namespace {

constexpr uint64_t kEnginePageMask = kEnginePageBytes - 1;

mm::Access AccessOf(uc_mem_type type) {
  switch (type) {
    case UC_MEM_FETCH:
      return mm::Access::kExec;
    case UC_MEM_WRITE:
      return mm::Access::kWrite;
    default:
      return mm::Access::kRead;
  }
}

}  // namespace

bool Cpu::Impl::Refuse(uint64_t va, mm::Access access, bool present) {
  ++counters.refusals;
  refusal = {va, access, present};
  return false;
}

bool Cpu::Impl::Retry() {
  retry = true;
  return false;
}

bool Cpu::Impl::FillKernel(uint64_t va, mm::Access access, uc_tlb_entry* out) {
  if (va >= image.base && va < image.end) {
    const bool text = va < image.data;
    if (text ? access == mm::Access::kWrite : access == mm::Access::kExec) {
      return Refuse(va, access, true);
    }
    out->paddr = image_phys + (va - image.base);
    out->perms = uc_prot(text ? UC_PROT_READ | UC_PROT_EXEC
                              : UC_PROT_READ | UC_PROT_WRITE);
    return true;
  }
  // The linear mapping. What is stored through it the engine need not see: who
  // has it stored there tells PhysMem.
  const uint64_t physical = va - FrameWindow(arch);
  if (physical < phys->bytes() || kernel_memory.Holds(physical)) {
    out->paddr = physical;
    out->perms = uc_prot(UC_PROT_READ |
                         (forgetting_code ? UC_PROT_EXEC : UC_PROT_WRITE));
    return true;
  }
  return Refuse(va, access, false);
}

bool Cpu::Impl::Fill(uint64_t va, uc_mem_type type, uc_tlb_entry* out) {
  ++counters.fills;
  if (stop == Stop::kRefused) {
    return false;
  }
  const mm::Access access = AccessOf(type);
  filling = access;
  const bool kernel_address = port.IsKernelAddress(va);
  if (mode == mm::Mode::kKernel &&
      (kernel_address || access == mm::Access::kExec)) {
    return FillKernel(va, access, out);
  }
  if (probing && access == refusal.access) {
    const bool here = va == refusal.va;
    // What precedes the page may be the head of a store that crosses into it,
    // and must not be stored either.
    const bool before =
        access == mm::Access::kWrite && va + kEnginePageBytes == refusal.va;
    if (here || before) {
      out->paddr = kPoisonPhys + (here ? 0 : kEnginePageBytes);
      out->perms = uc_prot(UC_PROT_READ | UC_PROT_WRITE);
      return true;
    }
  }
  if (kernel_address) {
    // User code may load a segment register; the CPU then reads the table.
    const bool table = image.gdt != 0 && access == mm::Access::kRead &&
                       va == (image.gdt & ~kEnginePageMask);
    if (table && port.ReadsDescriptors(ReadCode(pc()))) {
      return FillKernel(va, access, out);
    }
    return Refuse(va, access, true);
  }
  const mm::GuestAddr address = port.arch_ops().Untag(mm::GuestAddr(va));
  if (mm == nullptr || address.value() >= user_end) {
    return Refuse(va, access, false);
  }
  bool present = false;
  mm::PageTable::Translation t;
  if (!mm->page_table().Translate(address, access, mm::Mode::kUser, &t,
                                  &present)) {
    return Refuse(va, access, present);
  }
  tagged_fills |= address.value() != va;
  out->paddr = t.pfn.ToPhys(page_shift).value() +
               (address.value() & page_shift.mask() & ~kEnginePageMask);

  const bool asks = debug.watching() && debug.WatchesPage(address.value());
  int perms = UC_PROT_READ;
  const uint64_t page = va & ~page_shift.mask();
  if (access == mm::Access::kExec) {
    if (!MayExecute(t, page)) {
      return Retry();
    }
    perms = UC_PROT_EXEC;
    if (!asks && !IsChecked(t) &&
        port.arch_ops().Permits(t.flags, mm::Access::kRead, mm::Mode::kUser)) {
      perms |= UC_PROT_READ;
    }
  } else {
    switch (StoresTo(t, access, page)) {
      case StoreRights::kRetry:
        return Retry();
      case StoreRights::kUnseen:
        perms |= UC_PROT_WRITE;
        break;
      case StoreRights::kSeen:
        perms |= UC_PROT_WRITE | (asks ? 0 : UC_PROT_EXEC);
        break;
      case StoreRights::kNone:
        // Fetches and loads of one page alternate (literal pools), so a page
        // that has been executed is filled for both.
        if (t.exec && !asks && !IsChecked(t) && phys->frame(t.pfn).executed) {
          if (!TranslationsHold(t.pfn)) {
            return Retry();
          }
          if (aliases->AddFetch(t.pfn, page)) {
            perms |= UC_PROT_EXEC;
          }
        }
        break;
    }
    if (asks) [[unlikely]] {
      debug.NoteFill(address.value(), out->paddr);
      out->paddr += kTagCheckedPhys;
    } else if (IsChecked(t)) [[unlikely]] {
      const std::optional<uint64_t> checked = CheckedPage(va, out->paddr);
      if (!checked.has_value()) {
        return Retry();
      }
      out->paddr = *checked;
    }
  }
  out->perms = uc_prot(perms);
  if (watching != nullptr) [[unlikely]] {
    watching->SeeFill(
        va, t.pfn.ToPhys(page_shift).value() +
                (address.value() & page_shift.mask() & ~kEnginePageMask));
  }
  return true;
}

Port::CodeWindow Cpu::Impl::ReadCode(uint64_t at) {
  Port::CodeWindow window;
  if (mm == nullptr) {
    return window;
  }
  for (size_t i = 0; i < sizeof window.bytes; ++i) {
    const mm::GuestAddr a(at - Port::CodeWindow::kBefore + i);
    mm::PageTable::Translation t;
    if (a.value() < user_end &&
        mm->page_table().Translate(a, mm::Access::kExec, mm::Mode::kUser, &t,
                                   nullptr)) {
      window.bytes[i] =
          static_cast<uint8_t>(phys->Data(t.pfn)[a.PageOffset(page_shift)]);
    }
  }
  return window;
}

}  // namespace faultline::engine
