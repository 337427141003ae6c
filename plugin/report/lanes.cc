#include "plugin/report/lanes.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "plugin/trace/trace_format.h"

namespace faultline::report {
namespace {

using mm::TraceKind;

constexpr std::string_view kTaken = ".locked";
constexpr std::string_view kGivenBack = ".unlocked";
constexpr std::string_view kSyscallEnter = "syscall.enter";

struct Open {
  uint32_t start;
  uint32_t name;
  SpanKind kind;
};

class LaneMaker {
 public:
  explicit LaneMaker(TraceData& trace) : trace_(trace) {}

  Lanes Make() {
    const auto events = uint32_t(trace_.size());
    for (uint32_t i = 0; i < events; ++i) {
      const uint32_t lane = LaneOf(trace_.actor(i));
      lanes_.lane_of.push_back(lane);
      switch (trace_.kind(i)) {
        case TraceKind::kSwitch:
          OnSwitch(lane, i);
          break;
        case TraceKind::kPoint:
          OnPoint(lane, i);
          break;
        case TraceKind::kSyscall:
          OnSyscall(lane, i);
          break;
        default:
          break;
      }
    }
    for (uint32_t lane = 0; lane < open_.size(); ++lane) {
      CloseAll(lane, events);
    }
    std::stable_sort(
        lanes_.spans.begin(), lanes_.spans.end(),
        [](const LaneSpan& a, const LaneSpan& b) { return a.start < b.start; });
    return std::move(lanes_);
  }

 private:
  struct OpenLane {
    std::optional<Open> runs, waits, syscall;
    std::vector<Open> locks;
  };

  uint32_t LaneOf(uint32_t actor) {
    const auto [it, is_new] =
        lane_of_actor_.emplace(actor, uint32_t(lanes_.actors.size()));
    if (is_new) {
      lanes_.actors.push_back(actor);
      open_.emplace_back();
    }
    return it->second;
  }

  void Close(uint32_t lane, const Open& open, uint32_t end, size_t depth = 0) {
    lanes_.spans.push_back({lane, open.start, end, open.name, open.kind,
                            uint8_t(std::min<size_t>(depth, 255))});
  }
  void Close(uint32_t lane, std::optional<Open>& open, uint32_t end) {
    if (open.has_value()) {
      Close(lane, *open, end);
      open.reset();
    }
  }
  void CloseAll(uint32_t lane, uint32_t end) {
    OpenLane& open = open_[lane];
    Close(lane, open.runs, end);
    Close(lane, open.waits, end);
    Close(lane, open.syscall, end);
    for (size_t depth = 0; depth < open.locks.size(); ++depth) {
      Close(lane, open.locks[depth], end, depth);
    }
  }

  void OnSwitch(uint32_t lane, uint32_t i) {
    if (trace_.event(i) == trace::kScheduleEvent) {
      return;
    }
    if (running_.has_value()) {
      Close(*running_, open_[*running_].runs, i);
    }
    running_ = lane;
    Close(lane, open_[lane].waits, i);
    open_[lane].runs = Open{i, trace_.actor(i), SpanKind::kRuns};
  }

  void OnPoint(uint32_t lane, uint32_t i) {
    const std::string_view event = trace_.event(i);
    if (event == trace::kWaitEvent) {
      const uint32_t what =
          trace_.AddString(trace_.Field(i, "for").value_or(""));
      open_[lane].waits = Open{i, what, SpanKind::kWaits};
    } else if (event == kSyscallEnter) {
      open_[lane].syscall = Open{i, 0, SpanKind::kSyscall};
    } else if (event.ends_with(kGivenBack)) {
      GivenBack(lane, event.substr(0, event.size() - kGivenBack.size()), i);
    } else if (event.ends_with(kTaken)) {
      const bool is_shared = trace_.Field(i, "mode") == "shared";
      const uint32_t name =
          trace_.AddString(event.substr(0, event.size() - kTaken.size()));
      open_[lane].locks.push_back(
          {i, name, is_shared ? SpanKind::kSharedLock : SpanKind::kLock});
    }
  }

  // Of several locks of one class, the latest.
  void GivenBack(uint32_t lane, std::string_view name, uint32_t i) {
    std::vector<Open>& locks = open_[lane].locks;
    for (size_t depth = locks.size(); depth-- > 0;) {
      if (trace_.strings()[locks[depth].name] == name) {
        Close(lane, locks[depth], i, depth);
        locks.erase(locks.begin() + std::ptrdiff_t(depth));
        return;
      }
    }
  }

  void OnSyscall(uint32_t lane, uint32_t i) {
    std::optional<Open>& call = open_[lane].syscall;
    if (call.has_value()) {
      call->name = trace_.events()[i];
      Close(lane, call, i);
    }
  }

  TraceData& trace_;
  Lanes lanes_;
  std::map<uint32_t, uint32_t> lane_of_actor_;
  std::vector<OpenLane> open_;  // by lane
  std::optional<uint32_t> running_;
};

}  // namespace

Lanes MakeLanes(TraceData& trace) { return LaneMaker(trace).Make(); }

}  // namespace faultline::report
