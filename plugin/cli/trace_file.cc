#include "plugin/cli/trace_file.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "plugin/cli/run_stats.h"
#include "plugin/trace/kinds.h"
#include "plugin/trace/trace_format.h"

namespace faultline::cli {

uint32_t TraceFile::Told::kinds() const {
  return (writer == nullptr ? 0 : writer->kinds()) |
         (also == nullptr ? 0 : trace::kUsualKinds);
}

void TraceFile::Told::Emit(mm::TraceKind kind, std::string_view name,
                           absl::Span<const mm::TraceField> fields) {
  if (writer != nullptr) {
    writer->Emit(kind, name, fields);
  }
  if (also != nullptr && (trace::kUsualKinds & trace::KindBit(kind)) != 0) {
    also->Emit(kind, name, fields);
  }
}

absl::StatusOr<std::unique_ptr<TraceFile>> TraceFile::Open(
    os::Kernel& kernel, const TraceFlags& flags, const std::string& program,
    bool hash, mm::TraceSink* also) {
  const auto options = ParseTraceFlags(flags);
  if (!options.ok()) {
    return options.status();
  }
  std::unique_ptr<TraceFile> t(new TraceFile(kernel));
  if (flags.file.empty() && !hash && also == nullptr) {
    return t;
  }
  if (!flags.file.empty() || hash) {
    auto writer = trace::TraceWriter::Open(
        *options, [&kernel] { return kernel.now().ns(); });
    if (!writer.ok()) {
      return writer.status();
    }
    t->writer_ = *std::move(writer);
    t->writer_->Begin(
        kernel.options().arch == engine::Arch::kX86 ? "x86_64" : "arm64",
        program, kernel.memory().page_shift().bytes());
  }
  t->told_.writer = t->writer_.get();
  t->told_.also = also;
  t->switches_ = std::make_unique<trace::SwitchTrace>(kernel.trace());
  t->Attach();
  return t;
}

void TraceFile::Attach() {
  kernel_.trace().Attach(&told_, told_.kinds());
  kernel_.scheduler().set_observer(switches_.get(), wants_points());
  attached_ = true;
}

void TraceFile::Pause() { Detach(); }

void TraceFile::Resume() {
  if (switches_ != nullptr) {
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
