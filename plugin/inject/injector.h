#ifndef FAULTLINE_PLUGIN_INJECT_INJECTOR_H_
#define FAULTLINE_PLUGIN_INJECT_INJECTOR_H_

// Injector: rules of what fails or happens where, and the count of how often
// each place is passed. It knows the memory manager's sites (sync/inject.h) and
// the scheduler's points (sync/point.h), and nothing of programs:
// kernel_rules.h makes rules of what a user writes.
//
//   Injector inject(scheduler, memory.trace(), seed);
//   inject.Fail("alloc.table.pte", {.nth = 3});
//   inject.At("pmd.lock.locked", {.nth = 1}, [&](const Passing&) { ... });
//   inject.Attach(nullptr);
//   scheduler.Run();
//
// What it does is a function of the rules, the seed and the run: the same
// passings have the same numbers in every run.

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/sync/inject.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/trace.h"

namespace faultline::inject {

// Whether `pattern`, a name or the beginning of names and a star, means a site.
bool SiteMatches(std::string_view pattern, std::string_view name);

// An actor comes by.
struct Passing {
  std::string_view site;
  uint64_t nth = 0;      // of all passings of the site, from 1
  uint64_t address = 0;  // the user address at hand, without its tag; 0: none
  mm::Actor* actor = nullptr;  // null outside any
};

// Which passings a rule means: those that every given condition lets through.
struct When {
  std::optional<mm::GuestRange> addresses{};
  std::function<bool(const Passing&)> filter{};
  // Of what the two above let through, counted from 1: the nth; each kth; each
  // with this probability; or those that `chooses` says. None of them: all.
  uint64_t nth = 0;
  uint64_t every = 0;
  std::optional<double> probability{};
  std::function<bool(uint64_t nth)> chooses{};
};

// Something was made to fail or happen.
struct Injection {
  std::string site;
  std::string action;  // "fail", "signal:KILL"
  std::string actor;   // its name; "-" outside any
  uint64_t nth = 0;
  uint64_t address = 0;
};

class Injector : public mm::FailureSource, public mm::ScheduleObserver {
 public:
  using Event = std::function<void(const Passing&)>;
  // All three outlive it.
  Injector(mm::Scheduler& scheduler, mm::Trace& trace, uint64_t seed);
  ~Injector() override;

  // Rules; they may be added at any time, by events too. `site` is a name, or
  // the beginning of names and a star: "alloc.*", whose passings a rule counts
  // together. The first rule that means a passing of a FailSite decides.
  void Fail(std::string_view site, When when);
  // At a passing somebody else, an actor made for it, calls `event` before the
  // one who came by goes on (Scheduler::RunFirst()); it may take locks and
  // wait. A FailSite is no place to do so: it happens at the next point.
  // `action` is what the trace calls it.
  void At(std::string_view site, When when, std::string action, Event event);
  // The one who came by calls `event` itself; it must be able to wait there if
  // `event` does. Its passings within `event` go uncounted.
  void Here(std::string_view site, When when, std::string action, Event event);

  // Of an address, what it is without its tag.
  void set_untag(std::function<uint64_t(uint64_t)> untag) {
    untag_ = std::move(untag);
  }

  // From now on it is asked and told. `next` is told what a ScheduleObserver
  // is, of points only if it wants them; null: nobody is. It outlives the
  // attachment.
  enum class NextWants : bool { kSwitches, kPoints };
  void Attach(mm::ScheduleObserver* next,
              NextWants wants = NextWants::kSwitches);
  void Detach();

  // The first kToldInjections of those that were made, and how many that are.
  static constexpr size_t kToldInjections = 1000;
  const std::vector<Injection>& injections() const { return injections_; }
  uint64_t injected() const { return injected_; }

  bool ShouldFail(const mm::FailSite& site, uint64_t address) override;
  void OnSwitch(const mm::Actor* from, const mm::Actor& to,
                const mm::PointSite* at) override;
  void OnPoint(const mm::Actor& actor, const mm::PointSite& at) override;

 private:
  struct Rule;
  struct Site {
    std::string_view name;
    uint64_t passings = 0;
    bool fails = false;
    std::vector<Rule*> rules;
  };
  struct Pending {
    const Rule* rule;
    Passing passing;
  };

  void Add(std::string_view site, When when, std::string action, Event event,
           bool by_other);
  Site& SiteAt(const void* key, const char* name, bool fails);
  Passing Pass(Site& site, mm::Actor* actor, uint64_t address);
  bool Means(Rule& rule, const Passing& passing);
  void Note(const Rule& rule, const Passing& passing);
  // On the stack of the one who came by, at a point.
  void Perform(const Rule& rule, const Passing& passing);
  void UpdateObserver();

  mm::Scheduler& scheduler_;
  mm::Trace& trace_;
  uint64_t seed_;
  std::function<uint64_t(uint64_t)> untag_;
  std::vector<std::unique_ptr<Rule>> rules_;
  bool has_events_ = false;
  // By the address of their FailSite or PointSite.
  absl::flat_hash_map<const void*, std::unique_ptr<Site>> sites_;
  std::vector<Pending> pending_;
  std::list<std::vector<Pending>> under_way_{};  // of each actor at a point
  std::vector<const mm::Actor*> at_work_;        // within Here()
  std::vector<Injection> injections_;
  uint64_t injected_ = 0;
  bool attached_ = false;
  mm::ScheduleObserver* next_ = nullptr;
  bool next_wants_points_ = false;
  mm::FailureSource* before_ = nullptr;
};

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_INJECTOR_H_
