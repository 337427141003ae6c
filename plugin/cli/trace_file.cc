#include "plugin/cli/trace_file.h"

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace faultline::cli {

absl::StatusOr<std::unique_ptr<TraceFile>> TraceFile::Open(
    os::Kernel& kernel, const std::string& path, bool hash) {
  std::unique_ptr<TraceFile> t(new TraceFile(kernel));
  if (path.empty() && !hash) {
    return t;
  }
  if (!path.empty()) {
    t->file_ = std::fopen(path.c_str(), "w");
    if (t->file_ == nullptr) {
      return absl::InternalError(
          absl::StrCat("--trace ", path, ": ", std::strerror(errno)));
    }
  }
  std::FILE* file = t->file_;
  t->sink_ = std::make_unique<trace::JsonTrace>(
      [&kernel] { return kernel.now().ns(); },
      [file](std::string_view line) {
        if (file != nullptr) {
          std::fwrite(line.data(), 1, line.size(), file);
        }
      });
  // Points are too many to write without being asked for.
  const uint32_t kinds = (1u << mm::kTraceKinds) - 1;
  kernel.trace().Attach(t->sink_.get(),
                        kinds & ~(1u << unsigned(mm::TraceKind::kPoint)));
  t->switches_ = std::make_unique<trace::SwitchTrace>(kernel.trace());
  kernel.scheduler().set_observer(t->switches_.get(), /*wants_points=*/false);
  return t;
}

TraceFile::~TraceFile() {
  if (sink_ != nullptr) {
    kernel_.scheduler().set_observer(nullptr, false);
    kernel_.trace().Attach(nullptr, 0);
  }
  if (file_ != nullptr) {
    std::fclose(file_);
  }
}

std::string TraceFile::Summary() const {
  return sink_ == nullptr ? ""
                          : absl::StrFormat("trace hash 0x%016x of %d events\n",
                                            sink_->hash(), sink_->events());
}

}  // namespace faultline::cli
