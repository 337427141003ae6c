#include "plugin/trace/json_trace.h"

#include "absl/strings/str_format.h"

namespace faultline::trace {
namespace {

void AppendQuoted(std::string& out, std::string_view text) {
  out += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (uint8_t(c) < 0x20) {
      absl::StrAppendFormat(&out, "\\u%04x", uint8_t(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

void AppendField(std::string& out, const mm::TraceField& f) {
  out += ',';
  AppendQuoted(out, f.key);
  out += ':';
  switch (f.format) {
    case mm::TraceField::Format::kDecimal:
      absl::StrAppendFormat(&out, "%d", f.number);
      break;
    case mm::TraceField::Format::kHex:
      absl::StrAppendFormat(&out, "\"0x%x\"", f.number);
      break;
    case mm::TraceField::Format::kText:
      AppendQuoted(out, f.text);
      break;
  }
}

}  // namespace

void JsonTrace::MakeLine(std::string_view kind, std::string_view name,
                         absl::Span<const mm::TraceField> fields) {
  line_.clear();
  absl::StrAppendFormat(&line_, "{\"t\":%d,\"kind\":\"%s\",\"event\":", now_(),
                        kind);
  AppendQuoted(line_, name);
  for (const mm::TraceField& f : fields) {
    AppendField(line_, f);
  }
  line_ += "}\n";
}

void JsonTrace::Emit(mm::TraceKind kind, std::string_view name,
                     absl::Span<const mm::TraceField> fields) {
  MakeLine(KindName(kind), name, fields);
  if ((kUsualKinds & KindBit(kind)) != 0) {
    hash_.Add(line_);
    ++events_;
  }
  if (write_ && (written_ & KindBit(kind)) != 0) {
    write_(line_);
  }
}

void JsonTrace::Say(std::string_view name,
                    absl::Span<const mm::TraceField> fields) {
  MakeLine("trace", name, fields);
  if (write_) {
    write_(line_);
  }
}

}  // namespace faultline::trace
