#ifndef FAULTLINE_PLUGIN_API_DECODER_H_
#define FAULTLINE_PLUGIN_API_DECODER_H_

// Decoder: Capstone, as far as plug-ins need to know of instructions.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "plugin/engine/registers.h"

namespace faultline::api {

class Decoder {
 public:
  explicit Decoder(engine::Arch arch);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  struct Insn {
    uint32_t bytes = 0;
    bool sign_extends = false;  // what it loads
    bool joins = false;         // its two halves are one access
    bool iterates = false;      // REP
    bool silent = false;        // QEMU tells of no accesses of it
  };
  // Of the instructions at the start of `code`, which lies at `pc`; what is no
  // instruction is one, of all that is left.
  std::vector<Insn> Split(absl::Span<const uint8_t> code, uint64_t pc) const;

  // "mov x0, #1"; "" if it is no instruction.
  std::string Text(absl::Span<const uint8_t> code, uint64_t pc) const;

  // Where the instruction may load or store, as `regs` are: its operands, and
  // what it reaches by the stack pointer or as a string.
  std::vector<uint64_t> Operands(absl::Span<const uint8_t> code, uint64_t pc,
                                 const engine::RegisterFile& regs) const;

 private:
  engine::Arch arch_;
  size_t handle_ = 0;
};

}  // namespace faultline::api

#endif  // FAULTLINE_PLUGIN_API_DECODER_H_
