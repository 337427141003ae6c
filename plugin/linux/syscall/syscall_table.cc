#include "plugin/linux/syscall/syscall_table.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "arch_arm64/syscall_numbers.h"
#include "arch_x86/syscall_numbers.h"

namespace faultline::os {
namespace {

const std::map<std::string_view, const SyscallSpec*>& ByName() {
  static const auto* map = [] {
    auto* m = new std::map<std::string_view, const SyscallSpec*>;
    for (absl::Span<const SyscallSpec> part :
         {FilesCalls(), MountsCalls(), IpcCalls(), FutexCalls(), MemoryCalls(),
          SignalsCalls(), TimeCalls(), ProcessCalls(), CredentialsCalls(),
          SystemCalls()}) {
      for (const SyscallSpec& spec : part) {
        FL_CHECK(m->emplace(spec.name, &spec).second);
      }
    }
    return m;
  }();
  return *map;
}

template <typename Numbers>
std::vector<const SyscallSpec*> Index(const Numbers& numbers) {
  std::vector<const SyscallSpec*> table;
  for (const auto& [number, name] : numbers) {
    if (table.size() <= size_t(number)) {
      table.resize(size_t(number) + 1);
    }
    table[size_t(number)] = FindSyscall(name);
  }
  return table;
}

std::string NumberCell(engine::Arch arch, std::string_view name) {
  const int number = SyscallTable::Of(arch).NumberOf(name);
  return number < 0 ? "" : absl::StrCat(number);
}

}  // namespace

const char* ToString(Support s) {
  switch (s) {
    case Support::kNone:
      return "none";
    case Support::kPartial:
      return "partial";
    case Support::kFull:
      return "full";
    case Support::kRefused:
      return "refused";
  }
  return "?";
}

const SyscallSpec* FindSyscall(std::string_view name) {
  auto it = ByName().find(name);
  return it == ByName().end() ? nullptr : it->second;
}

SyscallTable::SyscallTable(engine::Arch arch)
    : by_number_(arch == engine::Arch::kX86 ? Index(x86::kSyscallNumbers)
                                            : Index(arm64::kSyscallNumbers)) {}

const SyscallTable& SyscallTable::Of(engine::Arch arch) {
  static const auto* x86 = new SyscallTable(engine::Arch::kX86);
  static const auto* arm64 = new SyscallTable(engine::Arch::kArm64);
  return arch == engine::Arch::kX86 ? *x86 : *arm64;
}

std::string SyscallTable::NameOf(uint64_t number) const {
  const SyscallSpec* spec = Find(number);
  return spec != nullptr ? std::string(spec->name)
                         : absl::StrCat("syscall_", number);
}

int SyscallTable::NumberOf(std::string_view name) const {
  const SyscallSpec* spec = FindSyscall(name);
  auto it = std::find(by_number_.begin(), by_number_.end(), spec);
  return spec == nullptr || it == by_number_.end()
             ? -1
             : int(it - by_number_.begin());
}

std::string RenderSyscallDocs() {
  std::string out =
      "# System calls\n\n"
      "Made from the list in `plugin/linux/syscall/list`; a test keeps it\n"
      "true. *full*: as Linux 6.12, for what a guest here can reach;\n"
      "*partial*: see the note; *refused*: answers as a kernel without that\n"
      "feature; calls not listed here answer ENOSYS and leave a trace event.\n"
      "\n| call | x86-64 | arm64 | support | note |\n|---|---|---|---|---|\n";
  for (const auto& [name, spec] : ByName()) {
    if (spec->handler == nullptr) {
      continue;
    }
    absl::StrAppendFormat(&out, "| %s | %s | %s | %s | %s |\n", name,
                          NumberCell(engine::Arch::kX86, name),
                          NumberCell(engine::Arch::kArm64, name),
                          ToString(spec->support), spec->note);
  }
  return out;
}

}  // namespace faultline::os
