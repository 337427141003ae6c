#include "plugin/cli/trace_file.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "plugin/cli/run_stats.h"
#include "plugin/trace/trace_format.h"

namespace faultline::cli {

absl::StatusOr<std::unique_ptr<TraceFile>> TraceFile::Open(
    os::Kernel& kernel, const TraceFlags& flags, const std::string& program,
    bool hash) {
  std::unique_ptr<TraceFile> t(new TraceFile(kernel));
  if (flags.file.empty() && !hash) {
    return t;
  }
  const auto options = ParseTraceFlags(flags);
  if (!options.ok()) {
    return options.status();
  }
  auto writer = trace::TraceWriter::Open(
      *options, [&kernel] { return kernel.now().ns(); });
  if (!writer.ok()) {
    return writer.status();
  }
  t->writer_ = *std::move(writer);
  t->writer_->Begin(
      kernel.options().arch == engine::Arch::kX86 ? "x86_64" : "arm64", program,
      kernel.memory().page_shift().bytes());
  t->switches_ = std::make_unique<trace::SwitchTrace>(kernel.trace());
  t->Attach();
  return t;
}

void TraceFile::Attach() {
  kernel_.trace().Attach(writer_.get(), writer_->kinds());
  kernel_.scheduler().set_observer(switches_.get(), writer_->wants_points());
  attached_ = true;
}

void TraceFile::Pause() { Detach(); }

void TraceFile::Resume() {
  if (writer_ != nullptr) {
    Attach();
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
    kernel_.trace().Emit(mm::TraceKind::kSwitch, trace::kScheduleEvent, fields);
    Detach();
  }
  return writer_ == nullptr ? absl::OkStatus() : writer_->Close();
}

TraceFile::~TraceFile() { Detach(); }

std::string TraceFile::Summary() const {
  return writer_ == nullptr
             ? ""
             : absl::StrFormat("trace hash 0x%016x of %d events\n",
                               writer_->hash(), writer_->events());
}

}  // namespace faultline::cli
