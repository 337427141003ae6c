#include "plugin/cli/read_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"

namespace faultline::cli {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const auto cannot = [&path] {
    return absl::NotFoundError(absl::StrCat(
        path, ": the file cannot be read: ", std::strerror(errno)));
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen(path.c_str(), "rb"), std::fclose);
  if (file == nullptr) {
    return cannot();
  }
  std::string content;
  char part[1 << 16];
  while (const size_t n = std::fread(part, 1, sizeof part, file.get())) {
    content.append(part, n);
  }
  if (std::ferror(file.get()) != 0) {
    return cannot();  // of a directory, too
  }
  return content;
}

}  // namespace faultline::cli
