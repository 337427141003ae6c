#ifndef FAULTLINE_PLUGIN_LINUX_LOADER_LOADER_H_
#define FAULTLINE_PLUGIN_LINUX_LOADER_LOADER_H_

// Load: from a program's name to an address space that can be entered.
// Linux: fs/exec.c and fs/binfmt_elf.c load_elf_binary().
//
// Unlike Linux there is no point of no return: the program is loaded into an
// address space of its own, and a failure leaves the caller's untouched.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "guest_mm/mm/address_space.h"
#include "plugin/linux/loader/initial_stack.h"
#include "plugin/linux/task/credentials.h"

namespace faultline::os {

class Abi;
class File;
class KernelCode;

// Finds programs and interpreters by the guest's paths.
class ProgramFiles {
 public:
  virtual ~ProgramFiles() = default;
  // Checked for execute permission. kENOENT, kEACCES, ...
  virtual ErrnoOr<std::shared_ptr<File>> Open(const std::string& path) = 0;
};

struct LoadRequest {
  mm::MemoryManager& memory;
  KernelCode& code;
  const Abi& abi;
  ProgramFiles& files;
  const Credentials& cred;
  std::function<uint64_t()> random;  // for AT_RANDOM and placement
  bool randomize = true;             // ASLR
  // The kernel's page of code for programs (vdso.h); null: it has none.
  std::shared_ptr<mm::MappedFile> vdso;
  mm::MmLimits limits;
  bool thp_disabled = false;  // prctl(PR_SET_THP_DISABLE) outlives exec
  // Already open (execveat with a descriptor); null: open `path`.
  std::shared_ptr<File> file;
  std::string path;
  std::vector<std::string> argv;
  std::vector<std::string> envp;
};

struct LoadedProgram {
  std::shared_ptr<mm::AddressSpace> mm;
  uint64_t pc = 0;
  uint64_t sp = 0;
  std::shared_ptr<File> exe;  // of a script: its interpreter
  std::string comm;           // of a script: its own name
  AuxVector aux;
  uint64_t sigreturn_code = 0;  // 0 if there is no vdso
};

// A LoadError() in every failure.
absl::StatusOr<LoadedProgram> Load(LoadRequest request);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_LOADER_LOADER_H_
