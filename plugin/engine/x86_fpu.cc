#include "plugin/engine/x86_fpu.h"

#include <cstring>

namespace faultline::engine {
namespace {

// Offsets in the area.
constexpr size_t kControl = 0, kStatus = 2, kTag = 4, kOpcode = 6, kIp = 8,
                 kDp = 16, kMxcsr = 24, kMxcsrMask = 28, kSt0 = 32, kXmm0 = 160;
constexpr uint32_t kMxcsrBits = 0xffff;

template <typename T>
T Load(const std::array<uint8_t, 512>& a, size_t at) {
  T v;
  std::memcpy(&v, &a[at], sizeof v);
  return v;
}
template <typename T>
void Store(std::array<uint8_t, 512>& a, size_t at, T v) {
  std::memcpy(&a[at], &v, sizeof v);
}

// The area's tag byte has a bit for each register that is not empty; the
// engine's tag word has two bits each, 3 for empty.
uint8_t Abridge(uint16_t word) {
  uint8_t byte = 0;
  for (int i = 0; i < 8; ++i) {
    byte = uint8_t(byte | ((word >> (2 * i) & 3) != 3 ? 1 << i : 0));
  }
  return byte;
}
uint16_t Expand(uint8_t byte) {
  uint16_t word = 0;
  for (int i = 0; i < 8; ++i) {
    if ((byte >> i & 1) == 0) {
      word = uint16_t(word | 3u << (2 * i));
    }
  }
  return word;
}

constexpr int kXmms[] = {
    UC_X86_REG_XMM0,  UC_X86_REG_XMM1,  UC_X86_REG_XMM2,  UC_X86_REG_XMM3,
    UC_X86_REG_XMM4,  UC_X86_REG_XMM5,  UC_X86_REG_XMM6,  UC_X86_REG_XMM7,
    UC_X86_REG_XMM8,  UC_X86_REG_XMM9,  UC_X86_REG_XMM10, UC_X86_REG_XMM11,
    UC_X86_REG_XMM12, UC_X86_REG_XMM13, UC_X86_REG_XMM14, UC_X86_REG_XMM15};

}  // namespace

void ReadFxsave(uc_engine* uc, std::array<uint8_t, 512>& out) {
  out.fill(0);
  uint16_t control = 0, status = 0, tag = 0, opcode = 0;
  uint64_t ip = 0, dp = 0;
  uint32_t mxcsr = 0;
  uc_reg_read(uc, UC_X86_REG_FPCW, &control);
  uc_reg_read(uc, UC_X86_REG_FPSW, &status);
  uc_reg_read(uc, UC_X86_REG_FPTAG, &tag);
  uc_reg_read(uc, UC_X86_REG_FOP, &opcode);
  uc_reg_read(uc, UC_X86_REG_FIP, &ip);
  uc_reg_read(uc, UC_X86_REG_FDP, &dp);
  uc_reg_read(uc, UC_X86_REG_MXCSR, &mxcsr);
  Store(out, kControl, control);
  Store(out, kStatus, status);
  Store(out, kTag, Abridge(tag));
  Store(out, kOpcode, opcode);
  Store(out, kIp, ip);
  Store(out, kDp, dp);
  Store(out, kMxcsr, mxcsr);
  Store(out, kMxcsrMask, kMxcsrBits);
  for (int i = 0; i < 8; ++i) {
    uc_reg_read(uc, UC_X86_REG_ST0 + i, &out[kSt0 + size_t(i) * 16]);
  }
  for (size_t i = 0; i < std::size(kXmms); ++i) {
    uc_reg_read(uc, kXmms[i], &out[kXmm0 + i * 16]);
  }
}

void WriteFxsave(uc_engine* uc, const std::array<uint8_t, 512>& in) {
  const auto control = Load<uint16_t>(in, kControl);
  const auto status = Load<uint16_t>(in, kStatus);
  const uint16_t tag = Expand(Load<uint8_t>(in, kTag));
  const auto opcode = Load<uint16_t>(in, kOpcode);
  const auto ip = Load<uint64_t>(in, kIp), dp = Load<uint64_t>(in, kDp);
  const uint32_t mxcsr = Load<uint32_t>(in, kMxcsr) & kMxcsrBits;
  uc_reg_write(uc, UC_X86_REG_FPCW, &control);
  uc_reg_write(uc, UC_X86_REG_FPSW, &status);  // before ST0-7: holds the top
  uc_reg_write(uc, UC_X86_REG_FPTAG, &tag);
  uc_reg_write(uc, UC_X86_REG_FOP, &opcode);
  uc_reg_write(uc, UC_X86_REG_FIP, &ip);
  uc_reg_write(uc, UC_X86_REG_FDP, &dp);
  uc_reg_write(uc, UC_X86_REG_MXCSR, &mxcsr);
  for (int i = 0; i < 8; ++i) {
    uc_reg_write(uc, UC_X86_REG_ST0 + i, &in[kSt0 + size_t(i) * 16]);
  }
  for (size_t i = 0; i < std::size(kXmms); ++i) {
    uc_reg_write(uc, kXmms[i], &in[kXmm0 + i * 16]);
  }
}

}  // namespace faultline::engine
