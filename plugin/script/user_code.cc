#include "plugin/script/user_code.h"

#include <array>
#include <cstring>
#include <vector>

#include "guest_mm/base/check.h"

namespace faultline::script {
namespace {

constexpr size_t kOps = 11;
using Bytes = std::vector<uint8_t>;

// x86-64: the address in rdi, the value in rsi, what is desired in rdx; the
// result in rax.
const std::array<Bytes, kOps>& X86Ops() {
  static const std::array<Bytes, kOps> ops = {{
      {0x40, 0x88, 0x37},  // mov %sil, (%rdi)
      {0x66, 0x89, 0x37},  // mov %si, (%rdi)
      {0x89, 0x37},        // mov %esi, (%rdi)
      {0x48, 0x89, 0x37},  // mov %rsi, (%rdi)
      {0x0f, 0xb6, 0x07},  // movzbl (%rdi), %eax
      {0x0f, 0xb7, 0x07},  // movzwl (%rdi), %eax
      {0x8b, 0x07},        // mov (%rdi), %eax
      {0x48, 0x8b, 0x07},  // mov (%rdi), %rax
      // lock xadd %rsi, (%rdi); mov %rsi, %rax
      {0xf0, 0x48, 0x0f, 0xc1, 0x37, 0x48, 0x89, 0xf0},
      {0x48, 0x87, 0x37, 0x48, 0x89, 0xf0},  // xchg %rsi, (%rdi); the same
      // mov %rsi, %rax; lock cmpxchg %rdx, (%rdi)
      {0x48, 0x89, 0xf0, 0xf0, 0x48, 0x0f, 0xb1, 0x17},
  }};
  return ops;
}

// arm64: x0, x1, x2; the result in x3. At most two instructions.
constexpr uint32_t kMovX3X1 = 0xaa0103e3;
constexpr uint32_t kArm64Ops[kOps][2] = {
    {0x39000001},            // strb w1, [x0]
    {0x79000001},            // strh w1, [x0]
    {0xb9000001},            // str w1, [x0]
    {0xf9000001},            // str x1, [x0]
    {0x39400003},            // ldrb w3, [x0]
    {0x79400003},            // ldrh w3, [x0]
    {0xb9400003},            // ldr w3, [x0]
    {0xf9400003},            // ldr x3, [x0]
    {0xf8e10003},            // ldaddal x1, x3, [x0]
    {0xf8e18003},            // swpal x1, x3, [x0]
    {0xc8e1fc02, kMovX3X1},  // casal x1, x2, [x0]
};

struct Code {
  Bytes bytes;
  std::array<uint64_t, kOps> offsets{};
};

Code Assemble(engine::Arch arch) {
  Code code;
  for (size_t op = 0; op < kOps; ++op) {
    code.offsets[op] = code.bytes.size();
    if (arch == engine::Arch::kX86) {
      const Bytes& insns = X86Ops()[op];
      code.bytes.insert(code.bytes.end(), insns.begin(), insns.end());
      code.bytes.insert(code.bytes.end(), {0x0f, 0x05});  // syscall
      continue;
    }
    for (const uint32_t word : {kArm64Ops[op][0], kArm64Ops[op][1],
                                uint32_t{0xd4000001}}) {  // svc #0
      for (int i = 0; word != 0 && i < 4; ++i) {
        code.bytes.push_back(uint8_t(word >> 8 * i));
      }
    }
  }
  return code;
}

const Code& CodeOf(engine::Arch arch) {
  static const Code x86 = Assemble(engine::Arch::kX86);
  static const Code arm64 = Assemble(engine::Arch::kArm64);
  return arch == engine::Arch::kX86 ? x86 : arm64;
}

}  // namespace

absl::Span<const uint8_t> UserCode(engine::Arch arch) {
  return CodeOf(arch).bytes;
}

uint64_t UserCodeOffset(engine::Arch arch, UserOp op) {
  return CodeOf(arch).offsets[size_t(op)];
}

void BeginUserOp(engine::Cpu& cpu, uint64_t code, UserOp op,
                 const UserArgs& args) {
  engine::RegisterFile file = cpu.ReadRegisters();
  if (auto* const x = std::get_if<x86::Registers>(&file)) {
    x->gpr[x86::kRdi] = args.address;
    x->gpr[x86::kRsi] = args.value;
    x->gpr[x86::kRdx] = args.desired;
  } else {
    auto& a = std::get<arm64::Registers>(file);
    a.x[0] = args.address;
    a.x[1] = args.value;
    a.x[2] = args.desired;
  }
  cpu.WriteRegisters(file);
  cpu.set_pc(code + UserCodeOffset(cpu.arch(), op));
}

uint64_t UserOpResult(const engine::Cpu& cpu) {
  const engine::RegisterFile file = cpu.ReadRegisters();
  const auto* const x = std::get_if<x86::Registers>(&file);
  return x != nullptr ? x->gpr[x86::kRax]
                      : std::get<arm64::Registers>(file).x[3];
}

}  // namespace faultline::script
