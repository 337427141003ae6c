#ifndef FAULTLINE_PLUGIN_ENGINE_REG_BATCH_H_
#define FAULTLINE_PLUGIN_ENGINE_REG_BATCH_H_

// A few 64-bit registers at once, by Unicorn's names.

#include <unicorn/unicorn.h>

#include <array>
#include <cstdint>

namespace faultline::engine {

template <size_t N>
std::array<uint64_t, N> ReadRegs(uc_engine* uc, const int (&ids)[N]) {
  std::array<uint64_t, N> values{};
  std::array<void*, N> to;
  for (size_t i = 0; i < N; ++i) {
    to[i] = &values[i];
  }
  uc_reg_read_batch(uc, const_cast<int*>(ids), to.data(), int(N));
  return values;
}

template <size_t N>
void WriteRegs(uc_engine* uc, const int (&ids)[N],
               std::array<uint64_t, N> values) {
  std::array<void*, N> from;
  for (size_t i = 0; i < N; ++i) {
    from[i] = &values[i];
  }
  uc_reg_write_batch(uc, const_cast<int*>(ids), from.data(), int(N));
}

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_REG_BATCH_H_
