#include "plugin/gdb/plan.h"

#include <cstring>
#include <type_traits>

#include "guest_mm/base/check.h"

namespace faultline::gdb {
namespace {

// One walk over all fields serves both directions.
class Writer {
 public:
  template <typename T>
  void Number(T& value) {
    const auto word = uint64_t(value);
    out.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  void Text(std::string& text) {
    size_t n = text.size();
    Number(n);
    out += text;
  }
  template <typename C, typename F>
  void Each(C& all, F walk) {
    size_t n = all.size();
    Number(n);
    for (auto item : all) {
      walk(*this, item);
    }
  }
  std::string out;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  template <typename T>
  void Number(T& value) {
    uint64_t word = 0;
    FL_CHECK(text_.size() >= sizeof word);
    std::memcpy(&word, text_.data(), sizeof word);
    text_.remove_prefix(sizeof word);
    value = T(word);
  }
  void Text(std::string& text) {
    size_t n = 0;
    Number(n);
    FL_CHECK(n <= text_.size());
    text = text_.substr(0, n);
    text_.remove_prefix(n);
  }
  template <typename C, typename F>
  void Each(C& all, F walk) {
    size_t n = 0;
    Number(n);
    all.clear();
    for (size_t i = 0; i < n; ++i) {
      std::remove_cv_t<typename C::value_type> item{};
      walk(*this, item);
      all.insert(all.end(), std::move(item));
    }
  }

 private:
  std::string_view text_;
};

constexpr auto kNumber = [](auto& walk, auto& n) { walk.Number(n); };
constexpr auto kText = [](auto& walk, auto& text) { walk.Text(text); };

template <typename W>
void Walk(W& w, Position& p) {
  w.Number(p.epoch);
  w.Number(p.block);
  w.Number(p.pc);
}
template <typename W>
void Walk(W& w, ThreadId& t) {
  w.Number(t.pid);
  w.Number(t.tid);
}
template <typename W>
void Walk(W& w, Point& p) {
  w.Number(p.type);
  w.Number(p.pid);
  w.Number(p.address);
  w.Number(p.bytes);
}
template <typename W>
void Walk(W& w, Change& c) {
  Walk(w, c.at);
  w.Number(c.kind);
  w.Number(c.pid);
  w.Number(c.tid);
  w.Number(c.address);
  w.Text(c.bytes);
}
template <typename W>
void Walk(W& w, Stop& s) {
  w.Number(s.kind);
  Walk(w, s.thread);
  w.Number(s.value);
  w.Number(s.point);
  Walk(w, s.child);
  w.Text(s.text);
}
constexpr auto kStruct = [](auto& walk, auto& s) { Walk(walk, s); };

template <typename W>
void Walk(W& w, Session& s) {
  for (bool* flag :
       {&s.acknowledges, &s.multiprocess, &s.reports_forks, &s.reports_vforks,
        &s.reports_execs, &s.reports_swbreak, &s.reports_hwbreak,
        &s.catches_syscalls, &s.counts_points}) {
    w.Number(*flag);
  }
  Walk(w, s.general);
  Walk(w, s.stopped);
  Walk(w, s.control);
  w.Each(s.points, kStruct);
  w.Each(s.attached, kNumber);
  w.Each(s.passed_signals, kNumber);
  w.Each(s.caught_syscalls, kNumber);
  w.Each(s.stop_points, kText);
  w.Each(s.stop_faults, kText);
  w.Each(s.changes, kStruct);
  w.Each(s.files, kText);
}

template <typename W>
void Walk(W& w, Plan& p) {
  w.Number(p.kind);
  Walk(w, p.to);
  Walk(w, p.from);
  w.Number(p.to_blocks);
  w.Number(p.tid);
  Walk(w, p.stop);
  Walk(w, p.furthest);
  Walk(w, p.session);
  w.Each(p.console.inputs, kText);
  w.Number(p.console.written);
}

}  // namespace

std::string Encode(const Plan& plan) {
  Writer writer;
  Plan copy = plan;
  Walk(writer, copy);
  return writer.out;
}

Plan DecodePlan(std::string_view text) {
  Reader reader(text);
  Plan plan;
  Walk(reader, plan);
  return plan;
}

}  // namespace faultline::gdb
