#ifndef FAULTLINE_PLUGIN_LINUX_SYSCALL_SYSCALL_TABLE_H_
#define FAULTLINE_PLUGIN_LINUX_SYSCALL_SYSCALL_TABLE_H_

// SyscallTable: one architecture's calls by number, made from the one list.

#include <cstdint>
#include <string>
#include <vector>

#include "plugin/engine/registers.h"
#include "plugin/linux/syscall/syscall_list.h"

namespace faultline::os {

class SyscallTable {
 public:
  // The table of `arch`; made once, never freed.
  static const SyscallTable& Of(engine::Arch arch);

  // The call with this number, or null if Linux has none.
  const SyscallSpec* Find(uint64_t number) const {
    return number < by_number_.size() ? by_number_[number] : nullptr;
  }
  // "mmap", or "syscall_999".
  std::string NameOf(uint64_t number) const;
  // -1 if the architecture has no such call.
  int NumberOf(std::string_view name) const;
  size_t size() const { return by_number_.size(); }

 private:
  explicit SyscallTable(engine::Arch arch);

  std::vector<const SyscallSpec*> by_number_;  // null: a hole
};

// docs/syscalls.md: the list as a table for people.
std::string RenderSyscallDocs();

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_SYSCALL_SYSCALL_TABLE_H_
