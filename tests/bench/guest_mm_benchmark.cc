// The memory manager alone, without an engine: what a fault and a mapping cost
// in it. Run by `./dev bench micro`; docs/performance.md has whole programs.

#include <benchmark/benchmark.h>

#include <memory>

#include "arch_x86/arch_ops.h"
#include "guest_mm/base/check.h"
#include "guest_mm/calls/calls.h"
#include "guest_mm/fault/handle_page_fault.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/mm/memory_manager.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kPage = 4096;
constexpr int kMadvDontNeed = 4;

// There is no CPU, so there is nothing to drop.
class NoTlb : public Tlb {
 public:
  void FlushRange(const AddressSpace&, GuestRange) override {}
  void FlushMm(const AddressSpace&) override {}
  void FlushCode(Pfn) override {}
};

// A machine with one empty address space.
class Machine {
 public:
  Machine() {
    MemoryManager::Options options;
    options.memory_bytes = 1ull << 30;
    auto system = MemoryManager::Create(x86::Ops(), tlb_, options);
    FL_CHECK(system.ok());
    system_ = std::move(*system);
    auto space = AddressSpace::Create(*system_);
    FL_CHECK(space.ok());
    space_ = std::move(space).value();
    space_->mmap_base = GuestAddr(0x7fff00000000);
  }

  AddressSpace& space() { return *space_; }

  GuestAddr Map(uint64_t pages, uint64_t prot = 3, GuestAddr at = GuestAddr(0),
                uint64_t flags = 0) {
    MmapRequest request;
    request.hint = at;
    request.length = pages * kPage;
    request.prot = prot;
    request.flags = kMapPrivate | kMapAnonymous | kMapNoReserve | flags;
    auto address = Mmap(*space_, request);
    FL_CHECK(address.ok());
    return address.value();
  }

  void Touch(AddressSpace& space, GuestAddr address, Access access) {
    Fault fault;
    fault.address = address;
    fault.access = access;
    FL_CHECK(HandlePageFault(space, fault).handled());
  }
  void Write(GuestAddr address) { Touch(*space_, address, Access::kWrite); }
  void Read(GuestAddr address) { Touch(*space_, address, Access::kRead); }

  void Drop(GuestAddr address, uint64_t pages) {
    FL_CHECK(Madvise(*space_, address, pages * kPage, kMadvDontNeed).ok());
  }

 private:
  NoTlb tlb_;
  std::unique_ptr<MemoryManager> system_;
  std::shared_ptr<AddressSpace> space_;
};

GuestAddr Page(GuestAddr base, uint64_t i) { return base + i * kPage; }

// A write fault on an absent page, and giving the page up again.
void DemandZero(benchmark::State& state) {
  const auto pages = static_cast<uint64_t>(state.range(0));
  Machine machine;
  const GuestAddr base = machine.Map(pages);
  for (auto _ : state) {
    for (uint64_t i = 0; i < pages; i++) {
      machine.Write(Page(base, i));
    }
    machine.Drop(base, pages);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(DemandZero)->Arg(100)->Arg(10'000)->Arg(100'000);

// fork, a copy-on-write fault of the child on every page, exit.
void CopyOnWrite(benchmark::State& state) {
  const auto pages = static_cast<uint64_t>(state.range(0));
  Machine machine;
  const GuestAddr base = machine.Map(pages);
  for (uint64_t i = 0; i < pages; i++) {
    machine.Write(Page(base, i));
  }
  for (auto _ : state) {
    auto child = DupMm(machine.space());
    FL_CHECK(child.ok());
    for (uint64_t i = 0; i < pages; i++) {
      machine.Touch(*child.value(), Page(base, i), Access::kWrite);
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(CopyOnWrite)->Arg(100)->Arg(10'000);

// mmap and munmap of a page wherever there is room, among many mappings.
void MapAmongMany(benchmark::State& state) {
  Machine machine;
  const auto vmas = static_cast<uint64_t>(state.range(0));
  for (uint64_t i = 0; i < vmas; i++) {
    machine.Map(1, 3, Page(GuestAddr(0x10000000), 2 * i), kMapFixed);
  }
  for (auto _ : state) {
    const GuestAddr page = machine.Map(1, 1);
    FL_CHECK(Munmap(machine.space(), page, kPage).ok());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(MapAmongMany)->Arg(10)->Arg(1'000)->Arg(60'000);

// A write fault in one of many mappings.
void FaultAmongMany(benchmark::State& state) {
  Machine machine;
  const auto vmas = static_cast<uint64_t>(state.range(0));
  const GuestAddr base(0x10000000);
  for (uint64_t i = 0; i < vmas; i++) {
    machine.Map(1, 3, Page(base, 2 * i), kMapFixed);
  }
  uint64_t next = 0;
  for (auto _ : state) {
    next = (next + vmas / 7 + 1) % vmas;
    machine.Write(Page(base, 2 * next));
    machine.Drop(Page(base, 2 * next), 1);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(FaultAmongMany)->Arg(10)->Arg(1'000)->Arg(60'000);

}  // namespace
}  // namespace faultline::mm

BENCHMARK_MAIN();
