#ifndef FAULTLINE_TESTS_PLUGIN_ENGINE_TEST_RAW_ENGINE_H_
#define FAULTLINE_TESTS_PLUGIN_ENGINE_TEST_RAW_ENGINE_H_

// RawEngine: Unicorn with a virtual TLB and nothing of ours in between, for
// tests that say what Unicorn itself does. Pages come from a table that a test
// fills; every question the engine asks is written down.

#include <gtest/gtest.h>
#include <unicorn/unicorn.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <vector>

#include "absl/types/span.h"
#include "tests/plugin/engine/test_insns.h"

namespace faultline::engine {

class RawEngine {
 public:
  struct Fill {
    uint64_t va;
    uc_mem_type type;
    uint64_t pc;
  };
  struct Page {
    uint64_t physical;
    int perms;  // UC_PROT_*; 0: chosen by the access as Cpu does
  };
  struct Interrupt {
    uint32_t number;
    uint64_t pc;
  };
  static constexpr uint64_t kRamBytes = 16 << 20;
  static constexpr uint64_t kCode = 0x400000, kCodePhys = 0x10000;

  // `model` < 0: Unicorn's default. `page_size` 0: not set.
  explicit RawEngine(uc_arch arch, int model = -1, int page_size = 4096);
  ~RawEngine();
  RawEngine(const RawEngine&) = delete;
  RawEngine& operator=(const RawEngine&) = delete;

  uc_engine* uc() { return uc_; }
  uint8_t* ram() { return ram_; }
  // Keyed by the address of the 4 KiB page as the hook is told it.
  std::map<uint64_t, Page> pages;
  std::vector<Fill> fills;
  std::vector<Interrupt> interrupts;
  unsigned syscalls = 0;

  // Puts code at kCodePhys + `offset`, behind the engine's back.
  void Code(absl::Span<const uint8_t> bytes, uint64_t offset = 0);
  void Code(absl::Span<const uint32_t> words, uint64_t offset = 0);
  // Runs from `pc` until something stops it.
  uc_err Run(uint64_t pc = kCode);
  // Fills of `va`'s page since the last Clear().
  unsigned FillsOf(uint64_t va) const;
  void Clear();

  uint64_t Get(int reg);
  void Set(int reg, uint64_t value);
  uint64_t pc();

 private:
  static bool OnFill(uc_engine*, uint64_t va, uc_mem_type type,
                     uc_tlb_entry* out, void* user);
  static void OnInterrupt(uc_engine* uc, uint32_t number, void* user);
  static void OnSyscall(uc_engine* uc, void* user);

  uc_arch arch_;
  uc_engine* uc_ = nullptr;
  uint8_t* ram_;
};

// For tests that load code and run it; data is for them to map.
class X86FactsTest : public testing::Test {
 protected:
  static constexpr uint64_t kCode = RawEngine::kCode;
  static constexpr uint64_t kCodePhys = RawEngine::kCodePhys;
  static constexpr uint64_t kData = 0x10000000, kDataPhys = 0x20000;
  void Load(std::initializer_list<x64::Bytes> parts, uint64_t offset = 0) {
    e_.Code(absl::MakeConstSpan(x64::Cat(parts)), offset);
  }
  RawEngine e_{UC_ARCH_X86, UC_CPU_X86_WESTMERE};
};

class Arm64FactsTest : public testing::Test {
 protected:
  static constexpr uint64_t kCode = RawEngine::kCode;
  static constexpr uint64_t kData = 0x10000000, kDataPhys = 0x20000;
  void Load(std::initializer_list<uint32_t> words, uint64_t offset = 0) {
    e_.Code(absl::MakeConstSpan(words.begin(), words.size()), offset);
  }
  RawEngine e_{UC_ARCH_ARM64, UC_CPU_ARM64_MAX};
};

}  // namespace faultline::engine

#endif  // FAULTLINE_TESTS_PLUGIN_ENGINE_TEST_RAW_ENGINE_H_
