#include "plugin/lab/copy_machine.h"

#include <cstring>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "guest_mm/base/check.h"
#include "guest_mm/calls/calls.h"
#include "guest_mm/gup/fault_in.h"
#include "guest_mm/pgtable/tagged.h"
#include "images/kernel/service.h"
#include "plugin/lab/experiment.h"

namespace faultline::lab {
namespace {

constexpr int kMadvPageout = 21;
constexpr int kKernelOrder = 3;  // of the block for requests and data
constexpr uint64_t kMemoryBytes = 32 << 20, kSwapBytes = 4 << 20;
// More rounds than any loop here needs that ends.
constexpr unsigned kMostRounds = 10'000;

template <typename T>
T Sure(absl::StatusOr<T> made) {
  FL_CHECK(made.ok());
  return *std::move(made);
}

}  // namespace

std::string ToString(const LoopOutcome& outcome) {
  switch (outcome.end) {
    case LoopOutcome::End::kLivelock:
      return "livelock";
    case LoopOutcome::End::kLong:
      return kTooLong;
    case LoopOutcome::End::kReturned:
      break;
  }
  return outcome.value < 0 ? std::string(ErrnoName(Errno(-outcome.value)))
                           : absl::StrCat(outcome.value);
}

std::string CycleText(const LoopOutcome& outcome) {
  std::string text;
  if (outcome.end == LoopOutcome::End::kLivelock) {
    for (size_t i = outcome.cycle; i < outcome.steps.size(); ++i) {
      absl::StrAppend(&text, "    ", outcome.steps[i], "\n");
    }
  }
  return text;
}

// Serves a loop and keeps an eye on it. At each round it looks at all that the
// loop goes by: what it remembers from one round to the next, and the entries
// and tags of the user's buffer.
class CopyMachine::Watcher : public os::KernelServices {
 public:
  Watcher(CopyMachine& machine, const LoopRequest& request, Adversary adversary)
      : machine_(machine),
        request_(request),
        adversary_(std::move(adversary)) {}

  std::optional<uint64_t> Serve(const engine::Cpu::KernelService& service,
                                os::KernelFaults* faults) override {
    const uint64_t a = service.args[0], b = service.args[1];
    switch (service.number) {
      case kServiceRound:
        return Round(a, b) ? std::optional<uint64_t>(0) : std::nullopt;
      case kServiceProbed:
        Interfere(a, b);
        return 0;
      case kServicePagefaults:
        *faults =
            a != 0 ? os::KernelFaults::kDisabled : os::KernelFaults::kHandled;
        return 0;
      case kServiceFaultInSafeWriteable: {
        const uint64_t left = machine_.ProbeByGup(a, b);
        Step(absl::StrFormat("the page tables are probed: %d of %d left", left,
                             b));
        return left;
      }
      default:
        FL_CHECK(false);
    }
    return std::nullopt;
  }

  void OnFault(const engine::Trap& trap, bool handled) override {
    if (handled) {
      ++outcome_.resolved;
    } else if (!outcome_.moved_at_refusal.has_value()) {
      outcome_.moved_at_refusal = moved_;
    }
    Step(absl::StrFormat(
        "%s at %s: %s",
        trap.kind == engine::Trap::Kind::kTagFault ? "tag fault" : "page fault",
        Place(trap.address.value()), handled ? "resolved" : "refused"));
  }

  LoopOutcome Finish(int64_t value) {
    outcome_.value = value;
    return std::move(outcome_);
  }

 private:
  bool Round(uint64_t moved, uint64_t remembered) {
    moved_ = moved;
    const auto state =
        std::tuple(moved, remembered, adversary_.left,
                   machine_.StateOf(request_.user, request_.bytes));
    const auto [seen, is_new] = seen_.emplace(state, outcome_.steps.size());
    if (!is_new && adversary_.left == 0) {
      outcome_.end = LoopOutcome::End::kLivelock;
      outcome_.cycle = seen->second;
      return false;
    }
    if (++outcome_.rounds > kMostRounds) {
      outcome_.end = LoopOutcome::End::kLong;
      return false;
    }
    Step(absl::StrFormat("round %d: %d bytes moved", outcome_.rounds, moved));
    return true;
  }

  void Interfere(uint64_t address, uint64_t bytes) {
    Step(absl::StrFormat("the probe of %d bytes at %s has passed", bytes,
                         Place(address)));
    std::string what;
    if (adversary_.left != 0 && adversary_.act(address, bytes, &what)) {
      --adversary_.left;
      Step(absl::StrCat("-- ", what));
    }
  }

  std::string Place(uint64_t address) const {
    return absl::StrFormat("buffer+%d", (machine_.Untagged(address) -
                                         machine_.Untagged(request_.user)));
  }

  void Step(std::string text) { outcome_.steps.push_back(std::move(text)); }

  CopyMachine& machine_;
  const LoopRequest& request_;
  Adversary adversary_;
  LoopOutcome outcome_;
  uint64_t moved_ = 0;
  // Each state, and how many steps there were before it.
  std::map<std::tuple<uint64_t, uint64_t, unsigned, uint64_t>, size_t> seen_;
};

CopyMachine::CopyMachine(engine::Arch arch, mm::BehaviourSet behaviours)
    : cpu_(Sure(engine::Cpu::Create(arch))),
      memory_(Sure(mm::MemoryManager::Create(cpu_->arch_ops(), *cpu_,
                                             {.memory_bytes = kMemoryBytes,
                                              .swap_bytes = kSwapBytes,
                                              .behaviours = behaviours}))) {
  FL_CHECK(cpu_->AttachMemory(memory_->phys()).ok());
  space_ = *mm::AddressSpace::Create(*memory_);
  code_ = std::make_unique<os::KernelCode>(*cpu_);
  page_ = memory_->page_shift().bytes();
  kernel_block_ =
      *memory_->phys().AllocateZeroed(mm::AllocPurpose::kKernel, kKernelOrder);
}

CopyMachine::~CopyMachine() {
  code_ = nullptr;
  space_ = nullptr;
  memory_->phys().Put(kernel_block_);
}

mm::GuestAddr CopyMachine::Untagged(uint64_t address) const {
  return memory_->arch().Untag(mm::GuestAddr(address));
}

void CopyMachine::Map(uint64_t offset, uint64_t pages, uint64_t prot) {
  mm::MmapRequest r;
  r.hint = mm::GuestAddr(kBase + offset * page_);
  r.length = pages * page_;
  r.prot = prot;
  r.flags = mm::kMapPrivate | mm::kMapAnonymous | mm::kMapFixed;
  FL_CHECK(mm::Mmap(*space_, r).ok());
}

void CopyMachine::Protect(uint64_t offset, uint64_t pages, uint64_t prot) {
  FL_CHECK(mm::Mprotect(*space_, mm::GuestAddr(kBase + offset * page_),
                        pages * page_, prot)
               .ok());
}

void CopyMachine::Populate(uint64_t offset, uint64_t pages) {
  for (uint64_t i = 0; i < pages; ++i) {
    FL_CHECK(mm::FixupUserFault(*space_,
                                mm::GuestAddr(kBase + (offset + i) * page_),
                                mm::Access::kWrite, mm::FixupWaits::kYes));
  }
}

void CopyMachine::PageOut(uint64_t offset, uint64_t pages) {
  FL_CHECK(mm::Madvise(*space_, mm::GuestAddr(kBase + offset * page_),
                       pages * page_, kMadvPageout)
               .ok());
}

void CopyMachine::Weaken(uint64_t offset, mm::EntryFlags taken) {
  const mm::GuestAddr at(kBase + offset * page_);
  mm::PageTable& table = space_->page_table();
  const mm::EntryRef r = table.Walk(at);
  mm::Entry e = table.Get(r);
  FL_CHECK(e.present());
  for (const mm::EntryFlag f :
       {mm::EntryFlag::kYoung, mm::EntryFlag::kWrite, mm::EntryFlag::kDirty}) {
    e.flags = taken.has(f) ? e.flags.without(f) : e.flags;
  }
  table.Set(r, e);
  cpu_->FlushRange(*space_, mm::GuestRange::At(at, page_));
}

void CopyMachine::SetTags(uint64_t address, uint64_t bytes, mm::MemoryTag tag) {
  for (uint64_t at = address; at < address + bytes;
       at += mm::FrameTags::kGranule) {
    const std::optional<mm::PhysAddr> granule =
        mm::TaggedAt(space_->page_table(), mm::GuestAddr(at));
    FL_CHECK(granule.has_value());
    memory_->phys().tags().Set(*granule, tag);
    cpu_->TagsChanged(
        mm::Pfn(granule->value() >> memory_->page_shift().value()));
  }
}

uint64_t CopyMachine::StateOf(uint64_t address, uint64_t bytes) {
  const mm::GuestAddr start = Untagged(address);
  uint64_t state = 0;
  for (mm::GuestAddr at = start.PageDown(memory_->page_shift());
       at < start + bytes; at += page_) {
    const mm::EntryRef r = space_->page_table().Walk(at);
    const mm::Entry e = space_->page_table().Get(r);
    state = absl::HashOf(state, e.kind, e.flags.bits());
    if (e.present() && e.flags.has(mm::EntryFlag::kMte)) {
      const auto tags = memory_->phys().tags().Of(e.pfn());
      state = absl::HashOf(
          state, absl::string_view(reinterpret_cast<const char*>(tags.data()),
                                   tags.size()));
    }
  }
  return state;
}

uint64_t CopyMachine::ProbeByGup(uint64_t address, uint64_t bytes) {
  return mm::FaultInSafeWriteable(*space_, Untagged(address), bytes);
}

uint64_t CopyMachine::kernel_buffer() const {
  return cpu_->KernelAddressOf(memory_->phys().Data(kernel_block_ + 1));
}

absl::Span<std::byte> CopyMachine::KernelBytes() {
  return {memory_->phys().Data(kernel_block_ + 1), page_};
}

absl::Span<std::byte> CopyMachine::UserBytes(uint64_t offset) {
  const mm::PageTable& table = space_->page_table();
  const mm::Entry e =
      table.Get(table.Walk(mm::GuestAddr(kBase + offset * page_)));
  FL_CHECK(e.present());
  return {memory_->phys().Data(e.pfn()), page_};
}

LoopOutcome CopyMachine::Run(engine::KernelRoutine loop, LoopRequest request,
                             engine::TagChecks checks, Adversary adversary) {
  request.kernel = kernel_buffer();
  request.page = page_;
  FL_CHECK(request.bytes < (page_ << kKernelOrder) - page_);
  std::byte* const at = memory_->phys().Data(kernel_block_);
  std::memcpy(at, &request, sizeof request);
  Watcher watcher(*this, request, std::move(adversary));
  const uint64_t value = code_->Begin(checks)
                             .Run(*space_, {loop, {cpu_->KernelAddressOf(at)}},
                                  os::KernelFaults::kHandled, &watcher)
                             .value;
  return watcher.Finish(int64_t(value));
}

uint64_t CopyMachine::Call(engine::KernelRoutine routine, uint64_t a,
                           uint64_t b, uint64_t c, engine::TagChecks checks) {
  return code_->Begin(checks)
      .Run(*space_, {routine, {a, b, c}}, os::KernelFaults::kHandled)
      .value;
}

}  // namespace faultline::lab
