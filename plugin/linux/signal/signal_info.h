#ifndef FAULTLINE_PLUGIN_LINUX_SIGNAL_SIGNAL_INFO_H_
#define FAULTLINE_PLUGIN_LINUX_SIGNAL_SIGNAL_INFO_H_

// Signal numbers, sets and siginfo. Linux: include/uapi/asm-generic/siginfo.h
// and signal.h; both architectures use the same numbers and layouts.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace faultline::os {

enum Signal : int {
  kSigHup = 1,
  kSigInt,
  kSigQuit,
  kSigIll,
  kSigTrap,
  kSigAbrt,
  kSigBus,
  kSigFpe,
  kSigKill,
  kSigUsr1,
  kSigSegv,
  kSigUsr2,
  kSigPipe,
  kSigAlrm,
  kSigTerm,
  kSigStkflt,
  kSigChld,
  kSigCont,
  kSigStop,
  kSigTstp,
  kSigTtin,
  kSigTtou,
  kSigUrg,
  kSigXcpu,
  kSigXfsz,
  kSigVtalrm,
  kSigProf,
  kSigWinch,
  kSigIo,
  kSigPwr,
  kSigSys,
  kSigRtMin = 32,
  kSigMax = 64
};

// "SIGSEGV", "SIGRT_3".
const char* SignalName(int signo);
// "SIGKILL", "KILL", "9"; 0: there is no such signal.
int SignalOf(std::string_view name);

// sigset_t: bit n-1 is signal n.
class SignalSet {
 public:
  constexpr SignalSet() = default;
  explicit constexpr SignalSet(uint64_t bits) : bits_(bits) {}
  static constexpr SignalSet Of(int signo) {
    return SignalSet(uint64_t{1} << (signo - 1));
  }
  constexpr uint64_t bits() const { return bits_; }
  constexpr bool has(int signo) const {
    return (bits_ >> (signo - 1) & 1) != 0;
  }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr void add(int signo) { bits_ |= Of(signo).bits_; }
  constexpr void remove(int signo) { bits_ &= ~Of(signo).bits_; }
  friend constexpr SignalSet operator|(SignalSet a, SignalSet b) {
    return SignalSet(a.bits_ | b.bits_);
  }
  friend constexpr SignalSet operator&(SignalSet a, SignalSet b) {
    return SignalSet(a.bits_ & b.bits_);
  }
  friend constexpr SignalSet operator~(SignalSet a) {
    return SignalSet(~a.bits_);
  }
  friend constexpr bool operator==(SignalSet, SignalSet) = default;

 private:
  uint64_t bits_ = 0;
};

// The two that nothing blocks, catches or ignores.
inline constexpr SignalSet kUnblockable{(1ull << (kSigKill - 1)) |
                                        (1ull << (kSigStop - 1))};

// si_code values.
enum : int {
  kSiUser = 0,
  kSiKernel = 0x80,
  kSiQueue = -1,
  kSiTimer = -2,
  kSiMesgq = -3,
  kSiAsyncio = -4,
  kSiSigio = -5,
  kSiTkill = -6,
  kSegvMaperr = 1,
  kSegvAccerr = 2,
  kSegvPkuerr = 4,
  kSegvMteaerr = 8,
  kSegvMteserr = 9,
  kBusAdraln = 1,
  kBusAdrerr = 2,
  kBusMceerrAr = 4,
  kIllIllopc = 1,
  kIllIllopn = 2,
  kFpeIntdiv = 1,
  kFpeFltinv = 7,
  kTrapBrkpt = 1,
  kTrapTrace = 2,
  kCldExited = 1,
  kCldKilled = 2,
  kCldDumped = 3,
  kCldTrapped = 4,
  kCldStopped = 5,
  kCldContinued = 6,
};

// siginfo_t, byte for byte.
struct SigInfo {
  int32_t signo = 0;
  int32_t error = 0;
  int32_t code = 0;
  int32_t pad = 0;
  union {
    struct {  // kill, rt_sigqueueinfo
      int32_t pid;
      uint32_t uid;
      uint64_t value;
    } rt;
    struct {
      int32_t id;
      int32_t overrun;
      uint64_t value;
    } timer;
    struct {
      int32_t pid;
      uint32_t uid;
      int32_t status;
      int32_t pad;
      int64_t utime;
      int64_t stime;
    } child;
    struct {
      uint64_t address;
      union {
        int16_t address_lsb;
        uint32_t pkey;
      };
    } fault;
    struct {
      int64_t band;
      int32_t fd;
    } poll;
    uint8_t raw[112];
  };

  SigInfo() { std::memset(raw, 0, sizeof raw); }
  SigInfo(int signo_in, int code_in) : SigInfo() {
    signo = signo_in;
    code = code_in;
  }
};
static_assert(sizeof(SigInfo) == 128);

// sigaction(2)'s flags.
inline constexpr uint64_t kSaNoCldStop = 1;
inline constexpr uint64_t kSaNoCldWait = 2;
inline constexpr uint64_t kSaSigInfo = 4;
inline constexpr uint64_t kSaExposeTagbits = 0x800;
inline constexpr uint64_t kSaRestorer = 0x04000000;
inline constexpr uint64_t kSaOnStack = 0x08000000;
inline constexpr uint64_t kSaRestart = 0x10000000;
inline constexpr uint64_t kSaNoDefer = 0x40000000;
inline constexpr uint64_t kSaResetHand = 0x80000000;

// struct sigaction as the system call passes it, both architectures.
struct SigAction {
  uint64_t handler = 0;  // 0: default, 1: ignore
  uint64_t flags = 0;
  uint64_t restorer = 0;
  uint64_t mask = 0;

  bool is_default() const { return handler == 0; }
  bool is_ignore() const { return handler == 1; }
};

// stack_t.
struct AltStack {
  uint64_t sp = 0;
  uint32_t flags = 2;  // SS_DISABLE
  uint32_t pad = 0;
  uint64_t size = 0;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_SIGNAL_SIGNAL_INFO_H_
