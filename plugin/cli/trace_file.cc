#include "plugin/cli/trace_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "plugin/cli/run_stats.h"

namespace faultline::cli {
namespace {

class Both : public mm::TraceSink {
 public:
  Both(mm::TraceSink& first, mm::TraceSink& second)
      : first_(first), second_(second) {}
  void Emit(mm::TraceKind kind, std::string_view name,
            absl::Span<const mm::TraceField> fields) override {
    first_.Emit(kind, name, fields);
    second_.Emit(kind, name, fields);
  }

 private:
  mm::TraceSink &first_, &second_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TraceFile>> TraceFile::Open(
    os::Kernel& kernel, const std::string& path, bool hash,
    mm::TraceSink* also) {
  std::unique_ptr<TraceFile> t(new TraceFile(kernel));
  t->also_ = also;
  if (path.empty() && !hash && also == nullptr) {
    return t;
  }
  if (!path.empty()) {
    t->path_ = path;
    t->file_ = std::fopen(path.c_str(), "w");
    if (t->file_ == nullptr) {
      return absl::InternalError(
          absl::StrCat("--trace ", path, ": ", std::strerror(errno)));
    }
  }
  TraceFile* self = t.get();
  if (!path.empty() || hash) {
    t->sink_ = std::make_unique<trace::JsonTrace>(
        [&kernel] { return kernel.now().ns(); },
        [self](std::string_view line) { self->WriteLine(line); });
    if (also != nullptr) {
      t->both_ = std::make_unique<Both>(*t->sink_, *also);
    }
  }
  t->switches_ = std::make_unique<trace::SwitchTrace>(kernel.trace());
  t->Attach();
  return t;
}

void TraceFile::Attach() {
  // Points are too many to write without being asked for.
  const uint32_t kinds = (1u << mm::kTraceKinds) - 1;
  mm::TraceSink* sink = sink_.get();
  if (also_ != nullptr) {
    sink = both_ != nullptr ? both_.get() : also_;
  }
  kernel_.trace().Attach(sink,
                         kinds & ~(1u << unsigned(mm::TraceKind::kPoint)));
  kernel_.scheduler().set_observer(switches_.get(), /*wants_points=*/false);
  attached_ = true;
}

void TraceFile::Pause() { Detach(); }

void TraceFile::Resume() {
  if (sink_ != nullptr || also_ != nullptr) {
    Attach();
  }
}

void TraceFile::WriteLine(std::string_view line) {
  if (file_ != nullptr && write_error_ == 0 &&
      std::fwrite(line.data(), 1, line.size(), file_) != line.size()) {
    write_error_ = errno;
  }
}

void TraceFile::Detach() {
  if (std::exchange(attached_, false)) {
    kernel_.scheduler().set_observer(nullptr, false);
    kernel_.trace().Attach(nullptr, 0);
  }
}

absl::Status TraceFile::Close() {
  if (attached_) {
    const std::string schedule = ScheduleOf(kernel_);
    const mm::TraceField fields[] = {mm::TraceField::Text("again", schedule)};
    kernel_.trace().Emit(mm::TraceKind::kSwitch, "schedule", fields);
    Detach();
  }
  if (file_ != nullptr && std::fclose(std::exchange(file_, nullptr)) != 0 &&
      write_error_ == 0) {
    write_error_ = errno;
  }
  const int error = std::exchange(write_error_, 0);
  return error == 0 ? absl::OkStatus()
                    : absl::InternalError(absl::StrCat("--trace ", path_, ": ",
                                                       std::strerror(error)));
}

TraceFile::~TraceFile() {
  Detach();
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
