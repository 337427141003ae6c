#include "plugin/api/register_list.h"

#include <cstddef>
#include <deque>
#include <string>

#include "absl/strings/str_cat.h"

namespace faultline::api {
namespace {

// Names outlive the lists.
const char* Keep(std::string name) {
  static auto* const names = new std::deque<std::string>();
  names->push_back(std::move(name));
  return names->back().c_str();
}

std::vector<RegisterInfo> X86List() {
  constexpr const char* kCore = "org.gnu.gdb.i386.core";
  constexpr const char* kSse = "org.gnu.gdb.i386.sse";
  constexpr const char* kLinux = "org.gnu.gdb.i386.linux";
  using R = x86::Registers;
  struct Gpr {
    const char* name;
    x86::Gpr index;
  };
  std::vector<RegisterInfo> list;
  for (const Gpr& g : {Gpr{"rax", x86::kRax},
                       {"rbx", x86::kRbx},
                       {"rcx", x86::kRcx},
                       {"rdx", x86::kRdx},
                       {"rsi", x86::kRsi},
                       {"rdi", x86::kRdi},
                       {"rbp", x86::kRbp},
                       {"rsp", x86::kRsp},
                       {"r8", x86::kR8},
                       {"r9", x86::kR9},
                       {"r10", x86::kR10},
                       {"r11", x86::kR11},
                       {"r12", x86::kR12},
                       {"r13", x86::kR13},
                       {"r14", x86::kR14},
                       {"r15", x86::kR15}}) {
    list.push_back(
        {g.name, kCore, offsetof(R, gpr) + g.index * sizeof(uint64_t), 8});
  }
  list.push_back({"rip", kCore, offsetof(R, rip), 8});
  list.push_back({"eflags", kCore, offsetof(R, rflags), 4});
  list.push_back({"fs_base", kLinux, offsetof(R, fs_base), 8});
  list.push_back({"gs_base", kLinux, offsetof(R, gs_base), 8});
  // SDM vol. 1, "FXSAVE Area".
  constexpr size_t kSt = 32, kXmm = 160, kMxcsr = 24, kEach = 16;
  for (size_t i = 0; i < 8; ++i) {
    list.push_back({Keep(absl::StrCat("st", i)), kCore,
                    offsetof(R, fxsave) + kSt + i * kEach, 10});
  }
  for (size_t i = 0; i < 16; ++i) {
    list.push_back({Keep(absl::StrCat("xmm", i)), kSse,
                    offsetof(R, fxsave) + kXmm + i * kEach, kEach});
  }
  list.push_back({"mxcsr", kSse, offsetof(R, fxsave) + kMxcsr, 4});
  return list;
}

std::vector<RegisterInfo> Arm64List() {
  constexpr const char* kCore = "org.gnu.gdb.aarch64.core";
  constexpr const char* kFpu = "org.gnu.gdb.aarch64.fpu";
  using R = arm64::Registers;
  std::vector<RegisterInfo> list;
  for (size_t i = 0; i < 31; ++i) {
    list.push_back({Keep(absl::StrCat("x", i)), kCore,
                    offsetof(R, x) + i * sizeof(uint64_t), 8});
  }
  list.push_back({"sp", kCore, offsetof(R, sp), 8});
  list.push_back({"pc", kCore, offsetof(R, pc), 8});
  list.push_back({"cpsr", kCore, offsetof(R, pstate), 4});
  for (size_t i = 0; i < 32; ++i) {
    list.push_back(
        {Keep(absl::StrCat("v", i)), kFpu, offsetof(R, v) + i * 16, 16});
  }
  list.push_back({"fpsr", kFpu, offsetof(R, fpsr), 4});
  list.push_back({"fpcr", kFpu, offsetof(R, fpcr), 4});
  return list;
}

}  // namespace

absl::Span<const std::byte> RegisterInfo::bytes(
    const engine::RegisterFile& regs) const {
  const void* const start = std::visit(
      [](const auto& r) { return static_cast<const void*>(&r); }, regs);
  return {static_cast<const std::byte*>(start) + offset, size};
}

const std::vector<RegisterInfo>& RegisterList(engine::Arch arch) {
  static const auto* const x86 = new std::vector<RegisterInfo>(X86List());
  static const auto* const arm64 = new std::vector<RegisterInfo>(Arm64List());
  return arch == engine::Arch::kX86 ? *x86 : *arm64;
}

}  // namespace faultline::api
