#include "plugin/linux/report/register_text.h"

#include <capstone/capstone.h>

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/report/peek.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

using Values = std::vector<std::pair<std::string, uint64_t>>;

std::string Columns(const Values& values) {
  std::string out;
  for (size_t i = 0; i < values.size(); ++i) {
    absl::StrAppendFormat(&out, "%s%6s %016x", i % 4 == 0 ? " " : "  ",
                          values[i].first, values[i].second);
    if (i % 4 == 3 || i + 1 == values.size()) {
      out += "\n";
    }
  }
  return out;
}

Values ValuesOf(const x86::Registers& r) {
  static constexpr const char* kNames[] = {
      "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
      "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
  Values v;
  for (size_t i = 0; i < r.gpr.size(); ++i) {
    v.emplace_back(kNames[i], r.gpr[i]);
  }
  v.emplace_back("rip", r.rip);
  v.emplace_back("rflags", r.rflags);
  v.emplace_back("fs", r.fs_base);
  v.emplace_back("gs", r.gs_base);
  return v;
}

Values ValuesOf(const arm64::Registers& r) {
  Values v;
  for (size_t i = 0; i < r.x.size(); ++i) {
    v.emplace_back(absl::StrCat("x", i), r.x[i]);
  }
  v.emplace_back("sp", r.sp);
  v.emplace_back("pc", r.pc);
  v.emplace_back("pstate", r.pstate);
  v.emplace_back("tpidr", r.tpidr_el0);
  return v;
}

// The first instruction of `code` as text; empty if it is none.
std::string Disassemble(engine::Arch arch, absl::Span<const uint8_t> code,
                        uint64_t pc) {
  csh handle = 0;
  const cs_err err =
      arch == engine::Arch::kX86
          ? cs_open(CS_ARCH_X86, CS_MODE_64, &handle)
          : cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &handle);
  if (err != CS_ERR_OK) {
    return "";
  }
  cs_insn* insn = nullptr;
  const size_t n = cs_disasm(handle, code.data(), code.size(), pc, 1, &insn);
  std::string out;
  if (n == 1) {
    for (uint16_t i = 0; i < insn->size; ++i) {
      absl::StrAppendFormat(&out, "%02x ", insn->bytes[i]);
    }
    absl::StrAppend(&out, " ", insn->mnemonic, " ", insn->op_str);
    cs_free(insn, n);
  }
  cs_close(&handle);
  return out;
}

}  // namespace

std::string RegisterText(const engine::RegisterFile& regs) {
  return std::visit([](const auto& r) { return Columns(ValuesOf(r)); }, regs);
}

std::string InstructionAt(Task& task, uint64_t pc) {
  // An x86 instruction has up to 15 bytes; the page may end before.
  constexpr size_t kLongest = 15;
  std::array<std::byte, kLongest> bytes{};
  const size_t n = PeekUser(task.mm(), pc, absl::MakeSpan(bytes));
  if (n == 0) {
    return absl::StrFormat("0x%x: (no code there)", pc);
  }
  const std::string text = Disassemble(
      task.abi().arch(),
      absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(bytes.data()), n),
      pc);
  return absl::StrFormat("0x%x: %s", pc,
                         text.empty() ? "(not an instruction)" : text);
}

}  // namespace faultline::os
