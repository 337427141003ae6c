#ifndef FAULTLINE_PLUGIN_ENGINE_CPU_WATCH_H_
#define FAULTLINE_PLUGIN_ENGINE_CPU_WATCH_H_

// CpuWatch: who looks at each block, instruction and access to memory that user
// mode executes. Kernel code is not shown.
//
// A block's life:
//  1. It is about to run for the first time, or its code has changed: a plan is
//     made of it, and OnTranslate() says what to do whenever it runs.
//  2. It runs. What the plan adds up by itself costs a few nanoseconds a block;
//     calls for instructions and accesses cost as much for each of them.
//  3. It is left in the middle: what was added for instructions that have not
//     begun is taken back. The one that trapped has begun, and begins once
//     more after the trap: it counts twice, as in a machine with a kernel. One
//     that the engine had to make again for reasons of its own counts once.
//  4. There are too many plans, or the watcher wants it: all are dropped, and
//     made again as blocks run.
//
// Calls come from inside the engine: they must not throw, wait, or enter it.
// They may read registers (the program counter is that of the block's start or
// the instruction) and memory.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "guest_mm/base/addr.h"

namespace faultline::engine {

class CpuContext;

// Something done to a 64-bit cell. `*base` may change when another task is
// loaded, as it does for cells that each task has of its own.
struct InlineOp {
  enum class Kind : uint8_t { kAdd, kStore };
  std::byte* const* base = nullptr;
  size_t offset = 0;
  uint64_t value = 0;
  Kind kind = Kind::kAdd;

  uint64_t& cell() const {
    return *reinterpret_cast<uint64_t*>(uintptr_t(*base) + offset);
  }
  void Do() const {
    uint64_t& c = cell();
    c = kind == Kind::kAdd ? c + value : value;
  }
};

struct WatchedInsn {
  uint64_t address = 0;
  uint32_t bytes = 0;
  // Each time it begins: these, or, if something must be called or stored,
  // `calls`, and then OnInstruction() does all of it.
  std::vector<InlineOp> adds{};
  bool calls = false;
  bool accesses = false;  // OnAccess() for what it loads and stores
  bool joins = false;     // two accesses side by side are one to be told of
  bool iterates = false;  // it goes back to itself and has still begun once
};

// What is done when a block runs.
class WatchPlan {
 public:
  // Of whoever watches, for as long as the plan is there.
  class Data {
   public:
    virtual ~Data() = default;
  };

  WatchPlan(uint64_t pc, std::vector<uint8_t> code)
      : pc_(pc), code_(std::move(code)) {}
  uint64_t pc() const { return pc_; }
  uint64_t end() const { return pc_ + code_.size(); }
  const std::vector<uint8_t>& code() const { return code_; }
  // Where the machine's memory has its first byte.
  mm::PhysAddr physical{};

  // To be filled by OnTranslate(); they cover `code` without gaps.
  std::vector<WatchedInsn> insns{};
  bool calls = false;            // OnBlock(), each time it begins
  std::vector<InlineOp> adds{};  // and, without a call, these
  std::unique_ptr<Data> data{};

  // The index of the instruction at `address`; insns.size() if none begins
  // there.
  size_t IndexOf(uint64_t address) const;
  bool by_instruction() const { return by_instruction_; }

 private:
  friend class Watching;
  // `insns` have been filled: adds up what is done whenever all of it runs.
  void Seal();

  uint64_t pc_;
  std::vector<uint8_t> code_;
  bool by_instruction_ = false;
  bool accesses_ = false;
  bool iterates_ = false;       // the last one does
  std::vector<InlineOp> sums_;  // of the block and of its instructions
  uint64_t generation_ = 0;     // when the code was last compared
  bool unsteady_ = false;       // it must be whenever it runs
};

struct WatchedAccess {
  uint64_t address = 0;  // as the guest sees it; tag excluded
  mm::PhysAddr physical{};
  uint32_t bytes = 0;  // 1, 2, 4, 8 or 16
  bool store = false;
  uint64_t value[2] = {};  // loaded or stored, the lower half first
};

class CpuWatch {
 public:
  virtual ~CpuWatch() = default;
  virtual void OnTranslate(WatchPlan& plan) = 0;
  virtual void OnBlock(const WatchPlan& plan) = 0;
  virtual void OnInstruction(const WatchPlan& plan, size_t index) = 0;
  // After the access, in the order of the accesses.
  virtual void OnAccess(const WatchPlan& plan, size_t index,
                        const WatchedAccess& access) = 0;
  // Where the instruction that is running may load or store, as its registers
  // are: asked only where the engine cannot tell two pages apart.
  virtual std::vector<uint64_t> OperandsOf(const WatchPlan& plan,
                                           const WatchedInsn& insn) = 0;
  virtual void OnPlansDropped() = 0;
  // Asked each time that user mode is entered.
  virtual bool WantsPlansDropped() = 0;
  // The context of a task is in the engine now; it is going for good.
  virtual void OnLoad(const CpuContext& context) = 0;
  virtual void OnGone(const CpuContext& context) = 0;
};

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_CPU_WATCH_H_
