#include "plugin/linux/abi_arm64_mte.h"

#include <cstring>
#include <optional>
#include <variant>

#include "arch_arm64/insn_fields.h"
#include "arch_arm64/mte_insn.h"
#include "guest_mm/mm/address_space.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/tag_log.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

using arm64::kZvaBytes;
using arm64::MteInsn;
using arm64::Registers;
using arm64::TcoInsn;
using engine::Trap;

constexpr unsigned kSpOrZero = 31;

// One instruction, on one thread.
class Emulation {
 public:
  Emulation(Task& task, engine::Cpu& cpu, Trap& trap)
      : task_(task),
        cpu_(cpu),
        trap_(trap),
        file_(cpu.ReadRegisters()),
        r_(std::get<Registers>(file_)) {}

  Emulated Do(const MteInsn& i) {
    using Kind = MteInsn::Kind;
    switch (i.kind) {
      case Kind::kIrg:
        SetOrSp(i.d, arm64::WithTag(OrSp(i.n), RandomTag(OrZero(i.m))));
        break;
      case Kind::kGmi:
        Set(i.d, OrZero(i.m) | uint64_t{1} << arm64::TagOf(OrSp(i.n)));
        break;
      case Kind::kAddg:
      case Kind::kSubg:
        SetOrSp(i.d, Moved(i));
        break;
      case Kind::kSubp:
      case Kind::kSubps:
        Subtract(i);
        break;
      case Kind::kLdg:
        return LoadTag(i);
      case Kind::kStg:
      case Kind::kStgp:
        return StoreTags(i);
      case Kind::kDcGva:
      case Kind::kDcGzva:
        return StoreBlock(i);
    }
    return Done();
  }

  Emulated Do(const TcoInsn& i) {
    switch (i.kind) {
      case TcoInsn::Kind::kRead:
        Set(i.value, r_.pstate & arm64::kPstateTco);
        break;
      case TcoInsn::Kind::kWrite:
        SetTco((OrZero(i.value) & arm64::kPstateTco) != 0);
        break;
      case TcoInsn::Kind::kImmediate:
        SetTco((i.value & 1) != 0);
        break;
    }
    return Done();
  }

 private:
  uint64_t OrZero(unsigned n) const { return n == kSpOrZero ? 0 : r_.x[n]; }
  uint64_t OrSp(unsigned n) const { return n == kSpOrZero ? r_.sp : r_.x[n]; }
  void Set(unsigned n, uint64_t value) {
    if (n != kSpOrZero) {
      r_.x[n] = value;
    }
  }
  void SetOrSp(unsigned n, uint64_t value) {
    (n == kSpOrZero ? r_.sp : r_.x[n]) = value;
  }
  void SetTco(bool on) {
    r_.pstate =
        on ? r_.pstate | arm64::kPstateTco : r_.pstate & ~arm64::kPstateTco;
  }

  // The tags that IRG and ADDG must not choose (GCR_EL1.Exclude).
  uint16_t Excluded() const {
    return uint16_t(~(task_.tagged_addr_ctrl >> kMteTagShift));
  }

  uint8_t RandomTag(uint64_t also_excluded) {
    const auto exclude = uint16_t(Excluded() | also_excluded);
    if (exclude == 0xffff) {
      return 0;
    }
    const auto drawn = unsigned(task_.kernel().Random64() & 0xf);
    return arm64::ChooseTag(0, drawn, exclude);
  }

  uint64_t Moved(const MteInsn& i) const {
    const uint64_t from = OrSp(i.n);
    const uint64_t offset = uint64_t(i.offset);
    const uint64_t to =
        i.kind == MteInsn::Kind::kAddg ? from + offset : from - offset;
    return arm64::WithTag(
        to, arm64::ChooseTag(arm64::TagOf(from), i.tag, Excluded()));
  }

  void Subtract(const MteInsn& i) {
    const uint64_t a = arm64::WithoutTag(OrSp(i.n));
    const uint64_t b = arm64::WithoutTag(OrSp(i.m));
    const uint64_t difference = a - b;
    Set(i.d, difference);
    if (i.kind == MteInsn::Kind::kSubps) {
      constexpr uint64_t kN = 1u << 31, kZ = 1u << 30, kC = 1u << 29,
                         kV = 1u << 28;
      const bool overflow = int64_t((a ^ b) & (a ^ difference)) < 0;
      r_.pstate = (r_.pstate & ~(kN | kZ | kC | kV)) |
                  (int64_t(difference) < 0 ? kN : 0) |
                  (difference == 0 ? kZ : 0) | (a >= b ? kC : 0) |
                  (overflow ? kV : 0);
    }
  }

  // Where `pointer` leads, as the MMU sees it; nothing: the trap says why not.
  std::optional<mm::PageTable::Translation> Walk(uint64_t pointer,
                                                 mm::Access access) {
    mm::PageTable::Translation t;
    bool present = false;
    const mm::GuestAddr a = Untagged(pointer);
    if (task_.mm().page_table().Translate(a, access, mm::Mode::kUser, &t,
                                          &present)) {
      return t;
    }
    trap_ = Trap();
    trap_.kind = Trap::Kind::kPageFault;
    trap_.access = access;
    trap_.was_present = present;
    trap_.address = a;
    trap_.raw_address = pointer;
    return std::nullopt;
  }
  mm::GuestAddr Untagged(uint64_t pointer) const {
    return task_.kernel().memory().arch().Untag(mm::GuestAddr(pointer));
  }
  mm::PhysAddr Physical(const mm::PageTable::Translation& t,
                        uint64_t pointer) const {
    const mm::PageShift shift = task_.mm().page_shift();
    return t.pfn.ToPhys(shift) + (pointer & shift.mask());
  }
  Emulated Misaligned(uint64_t pointer, mm::Access access) {
    trap_ = Trap();
    trap_.kind = Trap::Kind::kAlignment;
    trap_.access = access;
    trap_.address = Untagged(pointer);
    trap_.raw_address = pointer;
    return Emulated::kFault;
  }

  Emulated LoadTag(const MteInsn& i) {
    const uint64_t pointer =
        (OrSp(i.n) + uint64_t(i.offset)) & ~(arm64::kTagGranule - 1);
    const auto t = Walk(pointer, mm::Access::kRead);
    if (!t.has_value()) {
      return Emulated::kFault;
    }
    const bool tagged = t->flags.has(mm::EntryFlag::kMte);
    Set(i.d, arm64::WithTag(OrZero(i.d),
                            tagged ? phys().tags().Get(Physical(*t, pointer))
                                   : uint8_t{0}));
    return Done();
  }

  // STG, STZG, ST2G, STZ2G and STGP.
  Emulated StoreTags(const MteInsn& i) {
    const bool pair = i.kind == MteInsn::Kind::kStgp;
    const uint64_t base = OrSp(i.n);
    const uint64_t moved = base + uint64_t(i.offset);
    const uint64_t pointer = i.index == MteInsn::Index::kPost ? base : moved;
    if (pointer % arm64::kTagGranule != 0) {
      return Misaligned(pointer, mm::Access::kWrite);
    }
    const uint8_t tag = arm64::TagOf(pair ? pointer : OrSp(i.d));
    uint64_t words[2] = {};
    if (pair) {
      words[0] = OrZero(i.d);
      words[1] = OrZero(i.m);
    }
    // Both granules must be there before either changes.
    for (unsigned n = 0; n < i.granules; ++n) {
      if (!Walk(pointer + n * arm64::kTagGranule, mm::Access::kWrite)) {
        return Emulated::kFault;
      }
    }
    for (unsigned n = 0; n < i.granules; ++n) {
      const uint64_t at = pointer + n * arm64::kTagGranule;
      StoreGranule(at, tag, pair || i.zero ? words : nullptr);
    }
    if (i.index != MteInsn::Index::kNone) {
      SetOrSp(i.n, moved);
    }
    return Done();
  }

  Emulated StoreBlock(const MteInsn& i) {
    if (!Walk(OrZero(i.d), mm::Access::kWrite)) {
      return Emulated::kFault;
    }
    const uint64_t pointer = OrZero(i.d) & ~(kZvaBytes - 1);
    constexpr uint64_t kZeros[2] = {};
    const bool zero = i.kind == MteInsn::Kind::kDcGzva;
    for (uint64_t o = 0; o < kZvaBytes; o += arm64::kTagGranule) {
      StoreGranule(pointer + o, arm64::TagOf(pointer), zero ? kZeros : nullptr);
    }
    return Done();
  }

  // A tag, and 16 bytes of data if there are any. It has been looked up.
  void StoreGranule(uint64_t pointer, uint8_t tag, const uint64_t* words) {
    const mm::PageTable::Translation t = *Walk(pointer, mm::Access::kWrite);
    const mm::PhysAddr at = Physical(t, pointer);
    if (t.flags.has(mm::EntryFlag::kMte)) {
      const uint8_t before = phys().tags().Get(at);
      if (before != tag) {
        phys().tags().Set(at, tag);
        cpu_.TagsChanged(t.pfn);
      }
      task_.kernel().tag_log().Note({.granule = at,
                                     .address = Untagged(pointer),
                                     .pc = r_.pc,
                                     .tid = int32_t(task_.tid()),
                                     .before = before,
                                     .tag = tag});
    }
    if (words != nullptr) {
      std::memcpy(phys().ram() + at.value(), words, arm64::kTagGranule);
      phys().WroteByHost(t.pfn);
    }
  }

  mm::PhysMem& phys() { return task_.kernel().memory().phys(); }

  Emulated Done() {
    r_.pc += 4;
    cpu_.WriteRegisters(file_);
    return Emulated::kDone;
  }

  Task& task_;
  engine::Cpu& cpu_;
  Trap& trap_;
  engine::RegisterFile file_;
  Registers& r_;
};

}  // namespace

engine::TagChecks TagChecksOf(uint64_t ctrl, uint64_t preferred) {
  using engine::TagCheck;
  constexpr uint64_t kBoth = kMteTcfSync | kMteTcfAsync;
  uint64_t modes = ctrl & kBoth;
  modes |= modes == kBoth ? kMteTcfAsymm : 0;
  if ((modes & preferred) != 0) {
    modes = preferred;
  }
  if ((modes & kMteTcfAsymm) != 0) {
    return {.loads = TagCheck::kSync, .stores = TagCheck::kAsync};
  }
  const TagCheck check = (modes & kMteTcfAsync) != 0  ? TagCheck::kAsync
                         : (modes & kMteTcfSync) != 0 ? TagCheck::kSync
                                                      : TagCheck::kNone;
  return {check, check};
}

void SetTaggedAddrCtrl(Task& task, uint64_t ctrl) {
  task.tagged_addr_ctrl = ctrl;
  task.kernel().cpu().SetTagChecks(
      *task.run.context, TagChecksOf(ctrl, task.kernel().mte_tcf_preferred));
}

Emulated EmulateMte(Task& task, engine::Cpu& cpu, Trap& trap) {
  if (trap.kind != Trap::Kind::kUndefined &&
      trap.kind != Trap::Kind::kSystemRegister) {
    return Emulated::kNot;
  }
  const auto insn = uint32_t(trap.code);
  if (const std::optional<MteInsn> mte = arm64::DecodeMte(insn)) {
    return Emulation(task, cpu, trap).Do(*mte);
  }
  if (const std::optional<TcoInsn> tco = arm64::DecodeTco(insn)) {
    return Emulation(task, cpu, trap).Do(*tco);
  }
  return Emulated::kNot;
}

}  // namespace faultline::os
