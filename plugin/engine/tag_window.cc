// The second window on RAM, through which accesses go whose tags must be looked
// at (tag_check.cc). Nobody may touch it, so the engine asks before an access;
// then it makes the access in pieces, each of which comes here.
//
// It does not ask for every piece: not for the second page of a load that
// began on one that is not of this window (see CheckedPage()). And it asks too
// often: for each byte of a store that is not aligned. What has been looked at
// is kept in `asked`.

#include <algorithm>
#include <cstring>
#include <utility>

#include "plugin/engine/cpu_impl.h"
#include "plugin/engine/frame_window.h"
#include "plugin/engine/uc_status.h"

namespace faultline::engine {
namespace {

uint64_t OnRead(uc_engine*, uint64_t offset, unsigned bytes, void* user) {
  return static_cast<Cpu::Impl*>(user)->ReadTagged(offset, bytes);
}
void OnWrite(uc_engine*, uint64_t offset, unsigned bytes, uint64_t value,
             void* user) {
  std::memcpy(static_cast<Cpu::Impl*>(user)->phys->ram() + offset, &value,
              bytes);
}
bool OnAccess(uc_engine*, uc_mem_type type, uint64_t physical, int bytes,
              int64_t, void* user) {
  return static_cast<Cpu::Impl*>(user)->AskTagged(
      physical - kTagCheckedPhys, unsigned(bytes), type == UC_MEM_WRITE_PROT);
}

}  // namespace

absl::Status Cpu::Impl::MapTagWindow() {
  const uint64_t bytes = phys->bytes();
  // Of memory that is RAM the engine would only ask at the first load.
  FL_RETURN_IF_UC_ERROR(
      uc_mmio_map(uc, kTagCheckedPhys, bytes, &OnRead, this, &OnWrite, this));
  FL_RETURN_IF_UC_ERROR(
      uc_mem_protect(uc, kTagCheckedPhys, bytes, UC_PROT_NONE));
  uc_hook hook = 0;
  FL_RETURN_IF_UC_ERROR(
      uc_hook_add(uc, &hook, UC_HOOK_MEM_READ_PROT | UC_HOOK_MEM_WRITE_PROT,
                  reinterpret_cast<void*>(&OnAccess), this, kTagCheckedPhys,
                  kTagCheckedPhys + bytes - 1));
  return absl::OkStatus();
}

bool Cpu::Impl::AskTagged(uint64_t offset, unsigned bytes, bool store) {
  const uint64_t left = kEnginePageBytes - offset % kEnginePageBytes;
  const bool aligned = offset % bytes == 0;
  asked.known_pc = AskedAccess::kNoPage;
  if (!debug.MayAccess(offset, bytes, store)) {
    return false;
  }
  if (arch != Arch::kArm64) {  // here for a debugger alone
    if (store) {
      SeeStore(mm::Pfn(offset >> page_shift.value()));
    }
    return true;
  }
  if (store) {
    if (bytes == 1 && asked.store_bytes > 0 && asked.next_store == offset) {
      ++asked.next_store;
      --asked.store_bytes;
      return true;
    }
    asked.next_store = offset;
    asked.store_bytes = aligned ? 0 : unsigned(std::min<uint64_t>(bytes, left));
  } else {
    // An aligned piece, or the two that it lies in; on this page.
    asked.load_bytes = aligned || bytes > left ? bytes : 2 * bytes;
  }
  if (!MayAccessTagged(pc(), mm::PhysAddr(offset), store)) {
    asked = {};  // nothing of it will come
    return false;
  }
  return true;
}

// What is not asked for is the end of a load on another page. If that page was
// filled for it, the engine's program counter is right; else it is that of some
// block before, and the load is let through.
uint64_t Cpu::Impl::ReadTagged(uint64_t offset, unsigned bytes) {
  const uint64_t page = offset & ~(kEnginePageBytes - 1);
  const bool known =
      std::exchange(asked.known_pc, AskedAccess::kNoPage) == page;
  if (asked.load_bytes >= bytes) {
    asked.load_bytes -= bytes;
  } else if (known && arch == Arch::kArm64 &&
             !MayAccessTagged(pc(), mm::PhysAddr(offset),
                              /*store=*/false)) {
    RefuseInstruction(pc());  // too late for the engine to stop here
    return 0;
  }
  uint64_t value = 0;
  std::memcpy(&value, phys->ram() + offset, bytes);
  return value;
}

}  // namespace faultline::engine
