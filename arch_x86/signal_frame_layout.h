#ifndef FAULTLINE_ARCH_X86_SIGNAL_FRAME_LAYOUT_H_
#define FAULTLINE_ARCH_X86_SIGNAL_FRAME_LAYOUT_H_

// The structures of a signal frame as user space sees them.
// Linux: arch/x86/include/uapi/asm/{sigcontext,ucontext}.h, asm/sigframe.h.

#include <array>
#include <cstddef>
#include <cstdint>

namespace faultline::x86 {

struct StackT {
  uint64_t sp;
  uint32_t flags;
  uint32_t pad;
  uint64_t size;
};

struct SigContext {
  uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
  uint64_t di, si, bp, bx, dx, ax, cx, sp, ip, flags;
  uint16_t cs, gs, fs, ss;
  uint64_t err, trapno, oldmask, cr2;
  uint64_t fpstate;  // user address of the FXSAVE area, 0: none
  uint64_t reserved[8];
};
static_assert(offsetof(SigContext, ip) == 128);
static_assert(offsetof(SigContext, fpstate) == 184);
static_assert(sizeof(SigContext) == 256);

// uc_flags.
inline constexpr uint64_t kUcFpXstate = 1;
inline constexpr uint64_t kUcSigcontextSs = 2;
inline constexpr uint64_t kUcStrictRestoreSs = 4;

struct UContext {
  uint64_t flags;
  uint64_t link;
  StackT stack;
  SigContext mcontext;
  uint64_t sigmask;
};
static_assert(offsetof(UContext, mcontext) == 40);
static_assert(offsetof(UContext, sigmask) == 296);

struct RtSigframe {
  uint64_t pretcode;
  UContext uc;
  std::array<std::byte, 128> info;
};
static_assert(sizeof(RtSigframe) == 440);

// The last 48 bytes of the FXSAVE area, which the CPU leaves to software:
// struct _fpx_sw_bytes.
struct FpxSoftwareBytes {
  uint32_t magic1;
  uint32_t extended_size;
  uint64_t xfeatures;
  uint32_t xstate_size;
  uint32_t padding[7];
};
static_assert(sizeof(FpxSoftwareBytes) == 48);
inline constexpr size_t kFpxSoftwareOffset = 464;
inline constexpr uint32_t kFpXstateMagic1 = 0x46505853;
inline constexpr uint64_t kXfeatureFpSse = 3;

inline constexpr uint16_t kUserCs = 0x33;
inline constexpr uint16_t kUserSs = 0x2b;

}  // namespace faultline::x86

#endif  // FAULTLINE_ARCH_X86_SIGNAL_FRAME_LAYOUT_H_
