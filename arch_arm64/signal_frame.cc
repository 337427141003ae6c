#include "arch_arm64/signal_frame.h"

#include <cstring>
#include <memory>
#include <utility>

#include "arch_arm64/mte_insn.h"
#include "arch_arm64/signal_frame_layout.h"

namespace faultline::arm64 {
namespace {

constexpr uint64_t kNzcv = 0xf0000000;
// SPSR_EL1 fields of an exception from AArch64 EL0 (D17.2, "SPSR_EL1"): the
// mode, and the masks that user mode may not set.
constexpr uint64_t kModeMask = 0xf, kMode32 = 1 << 4, kDaif = 0xf << 6;

template <typename T>
std::vector<std::byte> BytesOf(const T& value, size_t size = sizeof(T)) {
  const auto* p = reinterpret_cast<const std::byte*>(&value);
  return {p, p + size};
}

// Appends records to the reserved area.
class RecordWriter {
 public:
  explicit RecordWriter(SigContext& c) : area_(c.reserved) {}
  template <typename T>
  void Add(const T& record) {
    std::memcpy(&area_[used_], &record, sizeof record);
    used_ += sizeof record;
  }
  // Bytes up to and with the terminator, which is zero.
  size_t End() const { return used_ + sizeof(RecordHead); }

 private:
  std::array<std::byte, kReservedBytes>& area_;
  size_t used_ = 0;
};

FpsimdContext SaveFpsimd(const Registers& r) {
  FpsimdContext f{};
  f.head = {kFpsimdMagic, sizeof f};
  f.fpsr = r.fpsr;
  f.fpcr = r.fpcr;
  f.vregs = r.v;
  return f;
}

template <typename T>
bool ReadAt(ReadUser read, uint64_t address, T* out, size_t size = sizeof(T)) {
  return read(address, absl::MakeSpan(reinterpret_cast<std::byte*>(out), size));
}

// parse_user_sigframe(): finds the floating-point record among those that we
// write; false if the area at `base` is not well formed, lacks it, or cannot
// be read up to its end mark.
bool ReadFpsimd(ReadUser read, uint64_t base, FpsimdContext* out) {
  bool found = false;
  for (size_t at = 0; at + sizeof(RecordHead) <= kReservedBytes;) {
    RecordHead head;
    if (!ReadAt(read, base + at, &head)) {
      return false;
    }
    if (head.magic == 0) {
      return head.size == 0 && found;
    }
    if (head.size < sizeof head || head.size > kReservedBytes - at ||
        head.size % 16 != 0) {
      return false;
    }
    switch (head.magic) {
      case kFpsimdMagic:
        if (found || head.size != sizeof *out ||
            !ReadAt(read, base + at, out)) {
          return false;
        }
        found = true;
        break;
      case kEsrMagic:
        break;  // for the handler to read; changes nothing
      default:
        return false;
    }
    at += head.size;
  }
  return false;
}

}  // namespace

ErrnoOr<SignalFrame> BuildSignalFrame(const Registers& r,
                                      const SignalRequest& q) {
  const uint64_t top =
      q.switch_stack ? q.alt_stack.base + q.alt_stack.size : r.sp;
  const uint64_t record_at = (top - sizeof(FrameRecord)) & ~uint64_t{15};
  const uint64_t frame_at = record_at - sizeof(RtSigframe);

  auto frame = std::make_unique<RtSigframe>();
  frame->info = q.info;
  frame->uc.stack = {q.alt_stack.base, q.alt_stack.flags, 0, q.alt_stack.size};
  frame->uc.sigmask = q.mask;
  SigContext& c = frame->uc.mcontext;
  c.fault_address = q.fault_address;
  std::memcpy(c.regs, r.x.data(), sizeof c.regs);
  c.sp = r.sp;
  c.pc = r.pc;
  c.pstate = r.pstate;
  RecordWriter records(c);
  records.Add(SaveFpsimd(r));
  if (q.esr != 0) {
    records.Add(EsrContext{{kEsrMagic, sizeof(EsrContext)}, q.esr});
  }
  const size_t used = offsetof(RtSigframe, uc) + offsetof(UContext, mcontext) +
                      offsetof(SigContext, reserved) + records.End();

  // What lies beyond the terminator is not written.
  std::vector<std::byte> bytes = BytesOf(*frame, used);
  uint64_t bytes_at = frame_at;
  if (!q.siginfo) {
    bytes.erase(bytes.begin(), bytes.begin() + offsetof(RtSigframe, uc));
    bytes_at += offsetof(RtSigframe, uc);
  }
  SignalFrame out;
  out.memory = {{bytes_at, std::move(bytes)},
                {record_at, BytesOf(FrameRecord{r.x[29], r.x[30]})}};
  out.registers = r;
  Registers& n = out.registers;
  n.pstate &= ~kPstateTco;  // a handler's tags are checked
  n.x[0] = uint64_t(q.signo);
  if (q.siginfo) {
    n.x[1] = frame_at + offsetof(RtSigframe, info);
    n.x[2] = frame_at + offsetof(RtSigframe, uc);
  }
  n.x[29] = record_at;
  n.x[30] = q.restorer;
  n.sp = frame_at;
  n.pc = q.handler;
  return out;
}

ErrnoOr<SignalReturn> ParseSignalFrame(const Registers& current,
                                       ReadUser read) {
  // Up to the records.
  constexpr size_t kFixedBytes = offsetof(RtSigframe, uc) +
                                 offsetof(UContext, mcontext) +
                                 offsetof(SigContext, reserved);
  auto frame = std::make_unique<RtSigframe>();
  if (current.sp % 16 != 0 ||
      !ReadAt(read, current.sp, frame.get(), kFixedBytes)) {
    return Errno::kEFAULT;
  }
  const SigContext& c = frame->uc.mcontext;
  FpsimdContext fp;
  if ((c.pstate & (kModeMask | kMode32 | kDaif)) != 0 ||
      !ReadFpsimd(read, current.sp + kFixedBytes, &fp)) {
    return Errno::kEFAULT;
  }
  SignalReturn out;
  out.registers = current;
  Registers& r = out.registers;
  std::memcpy(r.x.data(), c.regs, sizeof c.regs);
  r.sp = c.sp;
  r.pc = c.pc;
  r.pstate = c.pstate & (kNzcv | kPstateTco);
  r.fpsr = fp.fpsr;
  r.fpcr = fp.fpcr;
  r.v = fp.vregs;
  out.mask = frame->uc.sigmask;
  out.alt_stack = {frame->uc.stack.sp, frame->uc.stack.flags,
                   frame->uc.stack.size};
  return out;
}

}  // namespace faultline::arm64
