#include "plugin/cli/program_arch.h"

#include <elf.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace faultline::cli {

absl::StatusOr<engine::Arch> ProgramArch(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    return absl::NotFoundError(absl::StrCat(path, ": no such file"));
  }
  if (!std::filesystem::is_regular_file(status)) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": not a file"));
  }
  std::ifstream file(path, std::ios::binary);
  Elf64_Ehdr header;
  std::memset(&header, 0, sizeof header);
  file.read(reinterpret_cast<char*>(&header), sizeof header);
  if (!file && file.gcount() == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, file.bad() || !file.eof() ? ": cannot be read"
                                                     : ": an empty file"));
  }
  // Whatever else is wrong with the file, the loader says it better.
  return header.e_machine == EM_AARCH64 ? engine::Arch::kArm64
                                        : engine::Arch::kX86;
}

}  // namespace faultline::cli
