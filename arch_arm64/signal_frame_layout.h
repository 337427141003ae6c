#ifndef FAULTLINE_ARCH_ARM64_SIGNAL_FRAME_LAYOUT_H_
#define FAULTLINE_ARCH_ARM64_SIGNAL_FRAME_LAYOUT_H_

// The structures of a signal frame as user space sees them.
// Linux: arch/arm64/include/uapi/asm/{sigcontext,ucontext}.h.

#include <array>
#include <cstddef>
#include <cstdint>

namespace faultline::arm64 {

struct StackT {
  uint64_t sp;
  uint32_t flags;
  uint32_t pad;
  uint64_t size;
};

inline constexpr size_t kReservedBytes = 4096;

struct alignas(16) SigContext {
  uint64_t fault_address;
  uint64_t regs[31];
  uint64_t sp;
  uint64_t pc;
  uint64_t pstate;
  // Records, each with a RecordHead, 16-byte aligned; a null one ends them.
  alignas(16) std::array<std::byte, kReservedBytes> reserved;
};
static_assert(offsetof(SigContext, sp) == 256);
static_assert(offsetof(SigContext, reserved) == 288);
static_assert(sizeof(SigContext) == 4384);

struct UContext {
  uint64_t flags;
  uint64_t link;
  StackT stack;
  uint64_t sigmask;
  std::byte unused[120];  // room for a sigset_t of 1024 signals
  SigContext mcontext;
};
static_assert(offsetof(UContext, sigmask) == 40);
static_assert(offsetof(UContext, mcontext) == 176);

struct RtSigframe {
  std::array<std::byte, 128> info;
  UContext uc;
};
static_assert(sizeof(RtSigframe) == 4688);

struct RecordHead {
  uint32_t magic;
  uint32_t size;  // of the whole record
};
inline constexpr uint32_t kFpsimdMagic = 0x46508001;
inline constexpr uint32_t kEsrMagic = 0x45535201;
inline constexpr uint32_t kExtraMagic = 0x45585401;

struct alignas(16) FpsimdContext {
  RecordHead head;
  uint32_t fpsr;
  uint32_t fpcr;
  std::array<std::array<uint64_t, 2>, 32> vregs;
};
static_assert(sizeof(FpsimdContext) == 528);

struct EsrContext {
  RecordHead head;
  uint64_t esr;
};
static_assert(sizeof(EsrContext) == 16);

// What x29 points to in a chain of calls (AAPCS64).
struct FrameRecord {
  uint64_t fp;
  uint64_t lr;
};

}  // namespace faultline::arm64

#endif  // FAULTLINE_ARCH_ARM64_SIGNAL_FRAME_LAYOUT_H_
