#include "arch_x86/signal_frame.h"

#include <cstring>
#include <utility>

#include "arch_x86/signal_frame_layout.h"

namespace faultline::x86 {
namespace {

constexpr uint64_t kRedZone = 128;  // the psABI's, under the stack pointer
constexpr uint64_t kFxsaveBytes = sizeof(FxsaveArea);
constexpr uint64_t kFpAlignment = 64;

enum Flag : uint64_t {
  kCf = 1 << 0,
  kPf = 1 << 2,
  kAf = 1 << 4,
  kZf = 1 << 6,
  kSf = 1 << 7,
  kTf = 1 << 8,
  kDf = 1 << 10,
  kOf = 1 << 11,
  kRf = 1 << 16,
  kAc = 1 << 18,
};
// FIX_EFLAGS: what sigreturn may change.
constexpr uint64_t kReturnableFlags =
    kAc | kOf | kDf | kTf | kSf | kZf | kAf | kPf | kCf | kRf;

constexpr uint64_t AlignDown(uint64_t v, uint64_t to) { return v & ~(to - 1); }

template <typename T>
std::vector<std::byte> BytesOf(const T& value) {
  const auto* p = reinterpret_cast<const std::byte*>(&value);
  return {p, p + sizeof value};
}

SigContext SaveContext(const Registers& r, const SignalRequest& q) {
  SigContext c{};
  c.r8 = r.gpr[kR8];
  c.r9 = r.gpr[kR9];
  c.r10 = r.gpr[kR10];
  c.r11 = r.gpr[kR11];
  c.r12 = r.gpr[kR12];
  c.r13 = r.gpr[kR13];
  c.r14 = r.gpr[kR14];
  c.r15 = r.gpr[kR15];
  c.di = r.gpr[kRdi];
  c.si = r.gpr[kRsi];
  c.bp = r.gpr[kRbp];
  c.bx = r.gpr[kRbx];
  c.dx = r.gpr[kRdx];
  c.ax = r.gpr[kRax];
  c.cx = r.gpr[kRcx];
  c.sp = r.gpr[kRsp];
  c.ip = r.rip;
  c.flags = r.rflags;
  c.cs = kUserCs;
  c.ss = kUserSs;
  c.err = q.error_code;
  c.trapno = q.trap_number;
  c.oldmask = q.mask;
  c.cr2 = q.cr2;
  return c;
}

void RestoreContext(const SigContext& c, Registers& r) {
  r.gpr[kR8] = c.r8;
  r.gpr[kR9] = c.r9;
  r.gpr[kR10] = c.r10;
  r.gpr[kR11] = c.r11;
  r.gpr[kR12] = c.r12;
  r.gpr[kR13] = c.r13;
  r.gpr[kR14] = c.r14;
  r.gpr[kR15] = c.r15;
  r.gpr[kRdi] = c.di;
  r.gpr[kRsi] = c.si;
  r.gpr[kRbp] = c.bp;
  r.gpr[kRbx] = c.bx;
  r.gpr[kRdx] = c.dx;
  r.gpr[kRax] = c.ax;
  r.gpr[kRcx] = c.cx;
  r.gpr[kRsp] = c.sp;
  r.rip = c.ip;
  r.rflags = (r.rflags & ~kReturnableFlags) | (c.flags & kReturnableFlags);
}

// save_xstate_epilog(): written even where there is no XSAVE.
void MarkSoftwareBytes(FxsaveArea& fx) {
  FpxSoftwareBytes sw{};
  sw.magic1 = kFpXstateMagic1;
  sw.extended_size = uint32_t(kFxsaveBytes) + 4;  // and FP_XSTATE_MAGIC2
  sw.xfeatures = kXfeatureFpSse;
  sw.xstate_size = uint32_t(kFxsaveBytes);
  std::memcpy(&fx[kFpxSoftwareOffset], &sw, sizeof sw);
}

}  // namespace

ErrnoOr<SignalFrame> BuildSignalFrame(const Registers& r,
                                      const SignalRequest& q) {
  if (q.restorer == 0) {
    return Errno::kEFAULT;
  }
  const uint64_t old_sp = r.gpr[kRsp];
  const uint64_t sp =
      q.switch_stack ? q.alt_stack.base + q.alt_stack.size : old_sp - kRedZone;
  const uint64_t fp = AlignDown(sp - kFxsaveBytes, kFpAlignment);
  // As if by a call: the stack pointer plus 8 is a multiple of 16.
  const uint64_t frame_at = AlignDown(fp - sizeof(RtSigframe), 16) - 8;
  const bool on_alt = q.switch_stack || q.alt_stack.Holds(old_sp);
  if (on_alt && !(frame_at > q.alt_stack.base &&
                  frame_at - q.alt_stack.base <= q.alt_stack.size)) {
    return Errno::kEFAULT;
  }

  RtSigframe frame{};
  frame.pretcode = q.restorer;
  frame.uc.flags = kUcSigcontextSs | kUcStrictRestoreSs;
  frame.uc.stack = {q.alt_stack.base, q.alt_stack.flags, 0, q.alt_stack.size};
  frame.uc.mcontext = SaveContext(r, q);
  frame.uc.mcontext.fpstate = fp;
  frame.uc.sigmask = q.mask;
  frame.info = q.info;
  std::vector<std::byte> bytes = BytesOf(frame);
  if (!q.siginfo) {
    bytes.resize(offsetof(RtSigframe, info));
  }
  FxsaveArea fx = r.fxsave;
  MarkSoftwareBytes(fx);

  SignalFrame out;
  out.memory = {{frame_at, std::move(bytes)}, {fp, BytesOf(fx)}};
  out.registers = r;
  Registers& n = out.registers;
  n.gpr[kRdi] = uint64_t(q.signo);
  n.gpr[kRsi] = frame_at + offsetof(RtSigframe, info);
  n.gpr[kRdx] = frame_at + offsetof(RtSigframe, uc);
  n.gpr[kRax] = 0;  // a variadic handler: no vector arguments
  n.gpr[kRsp] = frame_at;
  n.rip = q.handler;
  n.rflags &= ~(kDf | kRf | kTf);
  n.fxsave = InitialFxsave();
  return out;
}

ErrnoOr<SignalReturn> ParseSignalFrame(const Registers& current,
                                       ReadUser read) {
  RtSigframe frame;
  // The handler's return has popped the first word.
  if (!read(current.gpr[kRsp] - 8,
            absl::MakeSpan(reinterpret_cast<std::byte*>(&frame),
                           offsetof(RtSigframe, info)))) {
    return Errno::kEFAULT;
  }
  const SigContext& c = frame.uc.mcontext;
  if ((c.cs | 3) != kUserCs) {
    return Errno::kEFAULT;  // would be 32-bit code
  }
  SignalReturn out;
  out.registers = current;
  RestoreContext(c, out.registers);
  out.registers.fxsave = InitialFxsave();
  if (c.fpstate != 0 &&
      !read(c.fpstate, absl::MakeSpan(reinterpret_cast<std::byte*>(
                                          out.registers.fxsave.data()),
                                      kFxsaveBytes))) {
    return Errno::kEFAULT;
  }
  out.mask = frame.uc.sigmask;
  out.alt_stack = {frame.uc.stack.sp, frame.uc.stack.flags,
                   frame.uc.stack.size};
  return out;
}

}  // namespace faultline::x86
