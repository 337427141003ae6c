#include "guest_mm/fault/fault_rules.h"

namespace faultline::mm {
namespace {

constexpr VmaFlags kR(VmaFlag::kRead), kW(VmaFlag::kWrite), kX(VmaFlag::kExec);
constexpr VmaFlags kRW = VmaFlag::kRead | VmaFlag::kWrite;
constexpr VmaFlags kRX = VmaFlag::kRead | VmaFlag::kExec;
constexpr VmaFlags kAny = kRW | kX;
constexpr KernelVersion kAlways{0, 0};
// Since when a kill in kernel mode is a failed access there, too.
constexpr KernelVersion kFixed{6, 3};

// Most leave si_code as it was for the look at the mapping's rights when
// handle_mm_fault() fails, and do not know of poison.
constexpr FaultPolicy Rights(VmaFlags read, VmaFlags exec) {
  return {.read_needs = read,
          .write_needs = kW,
          .exec_needs = exec,
          .sigsegv = ErrorIs::kAccessError,
          .hwpoison = ErrorIs::kBug,
          .kill_returns = false,
          .lowest_user_address = GuestAddr(0),
          .stack_slack = 0,
          .prefaulted_young = true};
}
constexpr FaultPolicy MapErr(FaultPolicy p) {
  p.sigsegv = ErrorIs::kBadArea;
  return p;
}
constexpr FaultPolicy Poison(FaultPolicy p, ErrorIs is) {
  p.hwpoison = is;
  return p;
}
constexpr FaultPolicy Returns(FaultPolicy p) {
  p.kill_returns = true;
  return p;
}
constexpr FaultPolicy Lowest(FaultPolicy p, uint64_t address) {
  p.lowest_user_address = GuestAddr(address);
  return p;
}
constexpr FaultPolicy Slack(FaultPolicy p, uint64_t bytes) {
  p.stack_slack = bytes;
  return p;
}
constexpr FaultPolicy Segv(FaultPolicy p, ErrorIs is) {
  p.sigsegv = is;
  return p;
}
constexpr FaultPolicy PrefaultedOld(FaultPolicy p) {
  p.prefaulted_young = false;
  return p;
}

constexpr FaultPolicy kAlpha = Rights(kRW, kX);
constexpr FaultPolicy kArm64 =
    PrefaultedOld(MapErr(Poison(Rights(kAny, kX), ErrorIs::kHwPoison)));
constexpr FaultPolicy kArm64Epan =
    PrefaultedOld(MapErr(Poison(Rights(kRW, kX), ErrorIs::kHwPoison)));
constexpr FaultPolicy kCsky = Rights(kAny, kAny);
constexpr FaultPolicy kHexagon = Poison(Rights(kR, kX), ErrorIs::kAccessError);
constexpr FaultPolicy kIa64 = Rights(kRW, kX);
constexpr FaultPolicy kM68k = Slack(MapErr(Rights(kAny, kAny)), 256);
constexpr FaultPolicy kMicroblaze = Rights(kRX, kRX);
constexpr FaultPolicy kNios2 = Rights(kR, kX);
constexpr FaultPolicy kOpenrisc = Rights(kRX, kX);
constexpr FaultPolicy kParisc =
    Segv(Poison(Rights(kR, kX), ErrorIs::kHwPoison), ErrorIs::kBusError);
constexpr FaultPolicy kRiscv = MapErr(Rights(kRW, kX));
constexpr FaultPolicy kSparc = Rights(kRX, kX);

constexpr absl::string_view kNone;
constexpr absl::string_view kKill = "a kill ends a copy";

constexpr FaultRule kRules[] = {
    {"alpha", kAlways, kNone, Returns(kAlpha)},
    {"alpha", kFixed, kKill, kAlpha},
    {"arc", kAlways, kNone, MapErr(Poison(Rights(kR, kX), ErrorIs::kBadArea))},
    {"arm", kAlways, "FIRST_USER_ADDRESS",
     Lowest(MapErr(Poison(Rights(kAny, kX), ErrorIs::kBadArea)), 0x2000)},
    {"arm64", kAlways, "no EPAN", kArm64},
    {"arm64+epan", {5, 13}, "FEAT_PAN3", kArm64Epan},
    {"csky", kAlways, "blind to signals", Returns(kCsky)},
    {"csky", {5, 12}, "SIGSEGV unknown", Segv(kCsky, ErrorIs::kBug)},
    {"hexagon", kAlways, kNone, Returns(kHexagon)},
    {"hexagon", kFixed, kKill, kHexagon},
    {"ia64", kAlways, kNone, Returns(kIa64)},
    {"ia64", kFixed, kKill, kIa64},
    {"loongarch", kAlways, kNone, Poison(Rights(kRW, kX), ErrorIs::kBusError)},
    {"m68k", kAlways, "SIGSEGV unknown", Returns(Segv(kM68k, ErrorIs::kBug))},
    {"m68k", {3, 19}, kNone, Returns(kM68k)},
    {"m68k", kFixed, kKill, kM68k},
    {"microblaze", kAlways, kNone, Returns(kMicroblaze)},
    {"microblaze", kFixed, kKill, kMicroblaze},
    {"mips", kAlways, "with RI and XI", Rights(kR, kX)},
    {"nios2", kAlways, kNone, Returns(kNios2)},
    {"nios2", kFixed, kKill, kNios2},
    {"openrisc", kAlways, kNone, Returns(kOpenrisc)},
    {"openrisc", kFixed, kKill, kOpenrisc},
    {"parisc", kAlways, "as if beyond a file's end", Returns(kParisc)},
    {"parisc", kFixed, kKill, kParisc},
    {"powerpc", kAlways, kNone,
     MapErr(Poison(Rights(kAny, kX), ErrorIs::kHwPoison))},
    {"riscv", kAlways, kNone, Returns(kRiscv)},
    {"riscv", kFixed, kKill, kRiscv},
    {"s390", kAlways, kNone, MapErr(Rights(kAny, kX))},
    {"sh", kAlways, kNone, MapErr(Rights(kAny, kX))},
    {"sparc", kAlways, kNone, Returns(kSparc)},
    {"sparc", kFixed, kKill, kSparc},
    {"x86", kAlways, kNone,
     MapErr(Poison(Rights(kAny, kX), ErrorIs::kHwPoison))},
    {"xtensa", kAlways, kNone, Rights(kRW, kX)},
};

}  // namespace

absl::Span<const FaultRule> FaultRules() { return kRules; }

const FaultRule* FindFaultRule(absl::string_view arch, KernelVersion version) {
  const FaultRule* found = nullptr;
  for (const FaultRule& rule : kRules) {
    if (rule.arch == arch && rule.since <= version) {
      found = &rule;
    }
  }
  return found;
}

}  // namespace faultline::mm
