#ifndef FAULTLINE_TESTS_PLUGIN_ENGINE_TEST_MACHINE_H_
#define FAULTLINE_TESTS_PLUGIN_ENGINE_TEST_MACHINE_H_

// TestMachine: a CPU with memory and one or more address spaces whose pages a
// test maps by hand: no VMAs, no faults resolved, nothing of Linux.

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/mm/memory_manager.h"
#include "plugin/engine/cpu.h"

namespace faultline::engine {

// For INSTANTIATE_TEST_SUITE_P.
std::string ArchName(const testing::TestParamInfo<Arch>& info);

class TestMachine {
 public:
  static constexpr uint64_t kCode = 0x400000;
  static constexpr uint64_t kData = 0x10000000;

  explicit TestMachine(Arch arch, uint64_t bytes = 16 << 20);
  ~TestMachine();

  Cpu& cpu() { return *cpu_; }
  CpuContext& context() { return *context_; }
  mm::PhysMem& phys() { return memory_->phys(); }
  mm::AddressSpace& space() { return *spaces_.front(); }
  mm::AddressSpace& AddSpace();

  // Maps a fresh zeroed frame at `va` with `prot`, young and (if writable)
  // dirty, as after a fault.
  mm::Pfn Map(uint64_t va, mm::Prot prot);
  mm::Pfn Map(mm::AddressSpace& space, uint64_t va, mm::Prot prot);
  // Maps `frame` there, replacing what was; no flush.
  void MapFrame(mm::AddressSpace& space, uint64_t va, mm::Pfn frame,
                mm::EntryFlags flags);
  mm::EntryFlags Flags(mm::Prot prot) const;
  mm::Entry EntryAt(uint64_t va);
  void Unmap(uint64_t va);
  // The flush that goes with a change to one page.
  void Flush(uint64_t va);

  // Writes bytes behind the CPU's back, at a mapped address; no flush.
  void Poke(uint64_t va, absl::Span<const uint8_t> bytes);
  uint64_t Peek64(uint64_t va);

  // Small programs with one meaning on both architectures.
  using Program = std::vector<uint8_t>;
  const Program kCallProgram, kPrivilegedProgram;
  // Stores the value through the pointer, loads it back, calls.
  const Program kStoreLoadProgram;
  // Counts the counter down in one-block rounds, then calls.
  const Program kLoopProgram;
  uint64_t store_bytes() const;  // of kStoreLoadProgram's first instruction
  // Returns `n` in the value register.
  Program ReturnProgram(uint8_t n) const;
  // Puts the program into a fresh read-execute page at kCode.
  void Load(const Program& program);
  void LoadWords(absl::Span<const uint32_t> words);  // of A64
  void SetPointer(uint64_t va);                      // rdi, x0
  void SetValue(uint64_t value);                     // rdx, x2
  void SetCounter(uint64_t value);                   // rcx, x1
  uint64_t Value();
  uint64_t Counter();
  uint64_t Loaded();  // rcx, x3

  // Runs from `pc` till a trap.
  Trap RunAt(uint64_t pc, uint64_t max_blocks = 0);

  x86::Registers X86() const;
  arm64::Registers Arm64() const;
  void SetX86(x86::Gpr r, uint64_t value);
  void SetArm64(size_t x, uint64_t value);

 private:
  std::unique_ptr<Cpu> cpu_;
  std::unique_ptr<mm::MemoryManager> memory_;
  std::vector<std::shared_ptr<mm::AddressSpace>> spaces_;
  std::unique_ptr<CpuContext> context_;
};

}  // namespace faultline::engine

#endif  // FAULTLINE_TESTS_PLUGIN_ENGINE_TEST_MACHINE_H_
