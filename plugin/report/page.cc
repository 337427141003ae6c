#include "plugin/report/page.h"

#include <bit>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "absl/strings/escaping.h"
#include "nlohmann/json.hpp"
#include "plugin/report/assets.h"
#include "plugin/report/lanes.h"
#include "plugin/report/memory_map.h"
#include "plugin/trace/json_trace.h"

namespace faultline::report {
namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little,
              "columns are written as they lie in memory");

// In this order: a script may use those before it when it starts.
constexpr std::string_view kScripts[] = {"states.js",  "data.js",    "view.js",
                                         "canvas.js",  "memory.js",  "lanes.js",
                                         "details.js", "compare.js", "main.js"};

// Columns one after another, each where its numbers may lie.
class Columns {
 public:
  // What the page's script needs to find it again.
  template <typename T, typename Range, typename Get>
  void Add(json& meta, const char* name, const Range& range, const Get& get) {
    static_assert(std::is_arithmetic_v<T>);
    bytes_.resize((bytes_.size() + 7) & ~size_t{7});
    const size_t at = bytes_.size();
    size_t n = 0;
    for (const auto& element : range) {
      const T value = T(get(element));
      const size_t end = bytes_.size();
      bytes_.resize(end + sizeof value);
      std::memcpy(bytes_.data() + end, &value, sizeof value);
      ++n;
    }
    meta[name] = {at, n, sizeof(T)};
  }
  template <typename T, typename Range>
  void Add(json& meta, const char* name, const Range& range) {
    Add<T>(meta, name, range, [](const auto& v) { return v; });
  }
  void AddText(json& meta, const char* name, std::string_view text) {
    Add<uint8_t>(meta, name, text, [](char c) { return uint8_t(c); });
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// A page's numbers are doubles: exact below 2^53, as all but kernel addresses
// are; those are only told apart.
void AddEvents(const TraceData& trace, json& run, Columns& columns) {
  json& c = run["columns"];
  columns.Add<double>(c, "time", trace.times());
  columns.Add<uint32_t>(c, "event", trace.events());
  columns.Add<uint32_t>(c, "shape", trace.shape_of());
  columns.Add<uint32_t>(c, "firstValue", trace.first_value());
  columns.Add<uint32_t>(c, "values", trace.values());
  std::vector<uint8_t> kinds(trace.size());
  for (size_t i = 0; i < kinds.size(); ++i) {
    kinds[i] = uint8_t(trace.kind(i));
  }
  columns.Add<uint8_t>(c, "kind", kinds);
  std::string texts;
  for (const std::string& text : trace.strings().all()) {
    texts += text;
    texts += '\n';
  }
  columns.AddText(c, "strings", texts);
  run["shapes"] = trace.shapes();
}

void AddMemory(const MemoryMap& map, json& run, Columns& columns) {
  json& c = run["columns"];
  columns.Add<double>(c, "rowAddress", map.rows,
                      [](const PageRow& r) { return r.address; });
  columns.Add<uint32_t>(c, "rowSpace", map.rows,
                        [](const PageRow& r) { return r.space; });
  const auto add = [&](const char* name, const auto& get) {
    columns.Add<uint32_t>(c, name, map.spans, get);
  };
  add("spanFirst", [](const PageSpan& s) { return s.first_row; });
  add("spanLast", [](const PageSpan& s) { return s.last_row; });
  add("spanStart", [](const PageSpan& s) { return s.start; });
  add("spanEnd", [](const PageSpan& s) { return s.end; });
  columns.Add<uint8_t>(c, "spanState", map.spans,
                       [](const PageSpan& s) { return uint8_t(s.state); });
  json& spaces = run["spaces"] = json::array();
  for (const MemorySpace& s : map.spaces) {
    spaces.push_back({{"root", s.root}, {"mm", s.mm}, {"since", s.since}});
  }
}

void AddLanes(const Lanes& lanes, json& run, Columns& columns) {
  json& c = run["columns"];
  columns.Add<uint32_t>(c, "lane", lanes.lane_of);
  const auto add = [&](const char* name, const auto& get) {
    columns.Add<uint32_t>(c, name, lanes.spans, get);
  };
  add("laneSpanLane", [](const LaneSpan& s) { return s.lane; });
  add("laneSpanStart", [](const LaneSpan& s) { return s.start; });
  add("laneSpanEnd", [](const LaneSpan& s) { return s.end; });
  add("laneSpanName", [](const LaneSpan& s) { return s.name; });
  add("laneSpanKind", [](const LaneSpan& s) { return uint32_t(s.kind); });
  add("laneSpanDepth", [](const LaneSpan& s) { return s.depth; });
  run["actors"] = lanes.actors;
}

json AddRun(TraceData& trace, Columns& columns) {
  // Where it lies is the business of who made the page.
  json run = {{"name", trace.name().substr(trace.name().rfind('/') + 1)},
              {"arch", trace.header().arch},
              {"program", trace.header().program},
              {"page", trace.header().page_bytes},
              {"verdict", trace.verdict()}};
  // Lanes name things, so the strings come last.
  AddLanes(MakeLanes(trace), run, columns);
  AddMemory(MakeMemoryMap(trace), run, columns);
  AddEvents(trace, run, columns);
  return run;
}

// Nothing in it can end the script element that it stands in.
std::string ForScript(const json& value) {
  std::string out;
  for (const char c : value.dump(-1, ' ', /*ensure_ascii=*/true,
                                 json::error_handler_t::replace)) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

// Puts `text` where `mark` stands in the page.
void Fill(std::string& page, std::string_view mark, std::string_view text) {
  page.replace(page.find(mark), mark.size(), text);
}

}  // namespace

std::string MakePage(std::vector<TraceData> traces) {
  Columns columns;
  json meta = {{"runs", json::array()}, {"kinds", json::array()}};
  for (int i = 0; i < mm::kTraceKinds; ++i) {
    meta["kinds"].push_back(trace::KindName(mm::TraceKind(i)));
  }
  for (TraceData& t : traces) {
    meta["runs"].push_back(AddRun(t, columns));
  }
  std::string scripts;
  for (const std::string_view name : kScripts) {
    scripts += Asset(name);
    scripts += '\n';
  }
  // From the end, so that a mark in a trace's own text is none.
  std::string page(Asset("page.html"));
  Fill(page, "@SCRIPT@", scripts);
  Fill(page, "@DATA@", absl::Base64Escape(columns.bytes()));
  Fill(page, "@META@", ForScript(meta));
  Fill(page, "@STYLE@", Asset("page.css"));
  return page;
}

}  // namespace faultline::report
