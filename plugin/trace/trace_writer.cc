#include "plugin/trace/trace_writer.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "plugin/trace/trace_format.h"

namespace faultline::trace {

absl::StatusOr<std::unique_ptr<TraceWriter>> TraceWriter::Open(
    const TraceOptions& options, std::function<uint64_t()> now) {
  std::unique_ptr<TraceWriter> w(new TraceWriter(options));
  if (!options.path.empty()) {
    w->file_ = std::fopen(options.path.c_str(), "w");
    if (w->file_ == nullptr) {
      return absl::InternalError(
          absl::StrCat("--trace ", options.path, ": ", std::strerror(errno)));
    }
  }
  const auto write = [self = w.get()](std::string_view bytes) {
    self->Write(bytes);
  };
  if (w->file_ != nullptr && options.format == TraceFormat::kPerfetto) {
    w->perfetto_ = std::make_unique<PerfettoTrace>(now, write);
    w->json_ = std::make_unique<JsonTrace>(std::move(now), nullptr);
  } else {
    w->json_ =
        std::make_unique<JsonTrace>(std::move(now), write, options.kinds);
  }
  return w;
}

TraceWriter::~TraceWriter() {
  if (file_ != nullptr) {
    std::fclose(file_);
  }
}

void TraceWriter::Begin(std::string_view arch, std::string_view program,
                        uint64_t page_bytes) {
  const mm::TraceField fields[] = {
      mm::TraceField::Dec("version", kTraceVersion),
      mm::TraceField::Text("arch", arch),
      mm::TraceField::Text("program", program),
      mm::TraceField::Dec("page", page_bytes)};
  json_->Say("begin", fields);
  if (perfetto_ != nullptr) {
    perfetto_->Begin(program);
  }
}

void TraceWriter::Emit(mm::TraceKind kind, std::string_view name,
                       absl::Span<const mm::TraceField> fields) {
  json_->Emit(kind, name, fields);
  if (perfetto_ != nullptr && (options_.kinds & KindBit(kind)) != 0) {
    perfetto_->Emit(kind, name, fields);
  }
}

void TraceWriter::End(std::string_view result) {
  const mm::TraceField fields[] = {mm::TraceField::Text("result", result)};
  json_->Say("end", fields);
}

void TraceWriter::Write(std::string_view bytes) {
  if (file_ != nullptr && write_error_ == 0 &&
      std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) {
    write_error_ = errno;
  }
}

absl::Status TraceWriter::Close() {
  if (perfetto_ != nullptr && file_ != nullptr) {
    perfetto_->End();
  }
  if (file_ != nullptr && std::fclose(std::exchange(file_, nullptr)) != 0 &&
      write_error_ == 0) {
    write_error_ = errno;
  }
  const int error = std::exchange(write_error_, 0);
  return error == 0
             ? absl::OkStatus()
             : absl::InternalError(absl::StrCat("--trace ", options_.path, ": ",
                                                std::strerror(error)));
}

}  // namespace faultline::trace
