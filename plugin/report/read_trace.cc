#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "plugin/report/trace_data.h"
#include "plugin/trace/json_trace.h"
#include "plugin/trace/trace_format.h"

namespace faultline::report {
namespace {

// Fields stay in the order of the trace.
using json = nlohmann::ordered_json;

std::optional<mm::TraceKind> KindOf(const std::string& name) {
  for (int i = 0; i < mm::kTraceKinds; ++i) {
    if (trace::KindName(mm::TraceKind(i)) == name) {
      return mm::TraceKind(i);
    }
  }
  return std::nullopt;
}

// A line is a line for who reads the page's strings, too.
std::string WithoutBreaks(std::string text) {
  for (char& c : text) {
    c = c == '\n' || c == '\r' ? ' ' : c;
  }
  return text;
}

std::string TextOf(const json& value) {
  return value.is_string() ? WithoutBreaks(value.get<std::string>())
                           : value.dump();
}

}  // namespace

class TraceReader {
 public:
  explicit TraceReader(std::string name) { data_.name_ = std::move(name); }

  absl::Status Line(std::string_view text);
  absl::StatusOr<TraceData> Take() {
    if (line_ == 0) {
      line_ = 1;
      return NotATrace();
    }
    return std::move(data_);
  }

 private:
  absl::Status Wrong(const std::string& what) const {
    return absl::InvalidArgumentError(
        absl::StrCat(data_.name_, ":", line_, ": ", what));
  }
  absl::Status NotATrace() const {
    return Wrong("not a trace: the first line has no {\"kind\":\"trace\"}");
  }
  absl::Status First(const json& object);
  absl::Status Event(const json& object);
  uint32_t ShapeOf(TraceData::Shape shape);

  TraceData data_;
  size_t line_ = 0;
  uint32_t actor_ = 0;
  std::map<TraceData::Shape, uint32_t> shape_ids_;
};

absl::Status TraceReader::Line(std::string_view text) {
  ++line_;
  if (text.empty()) {
    return line_ == 1 ? NotATrace() : absl::OkStatus();
  }
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return line_ == 1 ? NotATrace()
                      : Wrong("not an object of JSON; is the file whole?");
  }
  for (const char* const key : {"kind", "event"}) {
    if (!object.contains(key) || !object[key].is_string()) {
      return line_ == 1 ? NotATrace()
                        : Wrong(absl::StrCat("no text \"", key, "\""));
    }
  }
  if (!object.contains("t") || !object["t"].is_number_unsigned()) {
    return Wrong("no number \"t\"");
  }
  for (const auto& [key, value] : object.items()) {
    if (!value.is_string() && !value.is_number()) {
      return Wrong(absl::StrCat("\"", key, "\" is neither text nor number"));
    }
  }
  return line_ == 1 ? First(object) : Event(object);
}

absl::Status TraceReader::First(const json& object) {
  if (object["kind"] != "trace" || !object.contains("version")) {
    return NotATrace();
  }
  const std::string version = TextOf(object["version"]);
  if (version != absl::StrCat(trace::kTraceVersion)) {
    return Wrong(absl::StrCat("a trace of version ", version,
                              "; this program reads version ",
                              trace::kTraceVersion));
  }
  TraceHeader& h = data_.header_;
  if (object.contains("page") && object["page"].is_number_unsigned()) {
    h.page_bytes = object["page"].get<uint64_t>();
  }
  if (h.page_bytes < 4096 || h.page_bytes > 65536 ||
      (h.page_bytes & (h.page_bytes - 1)) != 0) {
    return Wrong(absl::StrCat("pages of ", h.page_bytes, " bytes"));
  }
  const auto text = [&](const char* key) {
    return object.contains(key) ? TextOf(object[key]) : "";
  };
  h.arch = text("arch");
  h.program = text("program");
  return absl::OkStatus();
}

absl::Status TraceReader::Event(const json& object) {
  const std::string name = TextOf(object["event"]);
  if (object["kind"] == "trace") {
    if (name == "end" && object.contains("result")) {
      data_.verdict_ = TextOf(object["result"]);
    }
    return absl::OkStatus();
  }
  const std::optional<mm::TraceKind> kind =
      KindOf(object["kind"].get<std::string>());
  if (!kind.has_value()) {
    return absl::OkStatus();
  }
  const auto t = object["t"].get<uint64_t>();
  if (!data_.time_.empty() && t < data_.time_.back()) {
    return Wrong("time goes backwards");
  }
  if (*kind == mm::TraceKind::kSwitch && name != trace::kScheduleEvent) {
    actor_ = data_.strings_.Add(name);
  }
  data_.time_.push_back(t);
  data_.kind_.push_back(*kind);
  data_.event_.push_back(data_.strings_.Add(name));
  data_.actor_.push_back(actor_);
  data_.first_value_.push_back(uint32_t(data_.values_.size()));
  TraceData::Shape shape;
  for (const auto& [key, value] : object.items()) {
    if (key != "t" && key != "kind" && key != "event") {
      shape.push_back(data_.strings_.Add(WithoutBreaks(key)));
      data_.values_.push_back(data_.strings_.Add(TextOf(value)));
    }
  }
  data_.shape_.push_back(ShapeOf(std::move(shape)));
  return absl::OkStatus();
}

uint32_t TraceReader::ShapeOf(TraceData::Shape shape) {
  const auto [it, is_new] =
      shape_ids_.emplace(std::move(shape), uint32_t(data_.shapes_.size()));
  if (is_new) {
    data_.shapes_.push_back(it->first);
  }
  return it->second;
}

absl::StatusOr<TraceData> ReadTrace(std::string name, std::string_view text) {
  TraceReader reader(std::move(name));
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (absl::Status s = reader.Line(text.substr(0, end)); !s.ok()) {
      return s;
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return reader.Take();
}

}  // namespace faultline::report
