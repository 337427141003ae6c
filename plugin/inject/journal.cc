#include "plugin/inject/journal.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace faultline::inject {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;

Json EndJson(const RunEnd& run) {
  Json j;
  j[run.killed ? "signal" : "exit"] = run.code;
  j["output"] = absl::StrFormat("%016x", run.output);
  j["virtual_ns"] = run.virtual_ns;
  return j;
}

// One line. Bytes that are no UTF-8 are replaced, not an error.
std::string Line(const Json& j) {
  return j.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// Reads fields, and remembers if one was not there.
class Reader {
 public:
  explicit Reader(const Json& j) : j_(j) {}
  bool ok() const { return ok_; }
  bool Has(const char* key) const { return j_.contains(key); }

  std::string Text(const char* key) {
    const Json* const v = Find(key);
    return v != nullptr && v->is_string() ? v->get<std::string>() : Missing("");
  }
  uint64_t Number(const char* key) {
    const Json* const v = Find(key);
    if (v == nullptr || !v->is_number_unsigned()) {
      ok_ = false;
      return 0;
    }
    return v->get<uint64_t>();
  }
  template <typename T>
  std::vector<T> List(const char* key) {
    const Json* const v = Find(key);
    std::vector<T> list;
    if (v == nullptr || !v->is_array()) {
      ok_ = false;
      return list;
    }
    for (const Json& item : *v) {
      if constexpr (std::is_same_v<T, std::string>) {
        ok_ &= item.is_string();
      } else {
        ok_ &= item.is_number_unsigned();
      }
      if (ok_) {
        list.push_back(item.get<T>());
      }
    }
    return list;
  }
  RunEnd Run() {
    RunEnd run;
    run.killed = Has("signal");
    run.code = int(Number(run.killed ? "signal" : "exit"));
    run.output = std::strtoull(Text("output").c_str(), nullptr, 16);
    run.virtual_ns = Number("virtual_ns");
    return run;
  }

 private:
  const Json* Find(const char* key) {
    const auto it = j_.find(key);
    if (it == j_.end()) {
      ok_ = false;
      return nullptr;
    }
    return &*it;
  }
  std::string Missing(const char* instead) {
    ok_ = false;
    return instead;
  }

  const Json& j_;
  bool ok_ = true;
};

std::optional<End> EndNamed(std::string_view name) {
  for (int i = 0; i < kEnds; ++i) {
    if (name == ToString(End(i))) {
      return End(i);
    }
  }
  return std::nullopt;
}

// False: it is no such line.
bool TakeHead(const Json& j, SweepHead& head) {
  Reader r(j);
  head.words = r.List<std::string>("words");
  head.cwd = r.Text("cwd");
  head.rules = r.List<std::string>("rules");
  head.passings = r.List<uint64_t>("passings");
  head.limit_ns = r.Number("limit_ns");
  if (!r.Has("baseline") || !j["baseline"].is_object()) {
    return false;
  }
  Reader baseline(j["baseline"]);
  head.baseline = baseline.Run();
  return r.ok() && baseline.ok() && r.Number("sweep") == kVersion;
}

bool TakeRow(const Json& j, SweepRecord& record) {
  Reader r(j);
  SweepRow row;
  row.inject = r.Text("inject");
  row.site = r.Text("site");
  const std::optional<End> end = EndNamed(r.Text("end"));
  row.run = r.Run();
  if (r.Has("detail")) {
    row.detail = r.Text("detail");
  }
  if (!r.ok() || !end.has_value()) {
    return false;
  }
  row.end = *end;
  std::string key = row.inject;
  record.rows.emplace(std::move(key), std::move(row));
  return true;
}

bool TakeToken(const Json& j, SweepRecord& record) {
  Reader r(j);
  const std::optional<End> end = EndNamed(r.Text("end"));
  const std::string site = r.Text("site");
  const std::string token = r.Text("token");
  if (!r.ok() || !end.has_value()) {
    return false;
  }
  record.tokens.emplace(TokenKey{site, *end}, token);
  return true;
}

bool TakeLine(const Json& j, bool first, SweepRecord& record) {
  if (!j.is_object()) {
    return false;
  }
  if (first) {
    return TakeHead(j, record.head);
  }
  return j.contains("token") ? TakeToken(j, record) : TakeRow(j, record);
}

}  // namespace

bool operator==(const SweepHead& a, const SweepHead& b) {
  return a.words == b.words && a.cwd == b.cwd && a.rules == b.rules &&
         a.passings == b.passings && a.limit_ns == b.limit_ns &&
         a.baseline.killed == b.baseline.killed &&
         a.baseline.code == b.baseline.code &&
         a.baseline.output == b.baseline.output &&
         a.baseline.virtual_ns == b.baseline.virtual_ns;
}

std::string HeadLine(const SweepHead& head) {
  Json j;
  j["sweep"] = kVersion;
  j["words"] = head.words;
  j["cwd"] = head.cwd;
  j["rules"] = head.rules;
  j["passings"] = head.passings;
  j["baseline"] = EndJson(head.baseline);
  j["limit_ns"] = head.limit_ns;
  return Line(j);
}

std::string RowLine(const SweepRow& row) {
  Json j;
  j["inject"] = row.inject;
  j["site"] = row.site;
  j["end"] = ToString(row.end);
  j.update(EndJson(row.run));
  if (!row.detail.empty()) {
    j["detail"] = row.detail;
  }
  return Line(j);
}

std::string TokenLine(const TokenKey& key, std::string_view token) {
  Json j;
  j["token"] = std::string(token);
  j["site"] = key.first;
  j["end"] = ToString(key.second);
  return Line(j);
}

absl::StatusOr<SweepRecord> ParseJournal(std::string_view text,
                                         std::string_view name) {
  SweepRecord record;
  int number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    if (end == std::string_view::npos && number > 0) {
      break;  // it was being written
    }
    const std::string_view line = text.substr(at, end - at);
    ++number;
    const Json j = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!TakeLine(j, number == 1, record)) {
      return absl::InvalidArgumentError(
          absl::StrCat(std::string(name), ":", number,
                       number == 1 ? ": not the beginning of a sweep"
                                   : ": not a line of a sweep"));
    }
    at = end == std::string_view::npos ? text.size() : end + 1;
  }
  if (number == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(std::string(name), ": an empty file"));
  }
  return record;
}

absl::Status Merge(SweepRecord& into, const SweepRecord& from,
                   std::string_view name) {
  if (!(into.head == from.head)) {
    return absl::InvalidArgumentError(absl::StrCat(
        std::string(name),
        ": of another sweep: the program, its options or what it does differ"));
  }
  into.rows.insert(from.rows.begin(), from.rows.end());
  into.tokens.insert(from.tokens.begin(), from.tokens.end());
  return absl::OkStatus();
}

}  // namespace faultline::inject
