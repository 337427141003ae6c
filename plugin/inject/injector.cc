#include "plugin/inject/injector.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <tuple>
#include <utility>

#include "guest_mm/base/check.h"

namespace faultline::inject {
namespace {

// The share of a 64-bit number's values.
uint64_t ShareOf(double probability) {
  const double share = std::clamp(probability, 0.0, 1.0) * 0x1p64;
  return share >= 0x1p64 ? ~uint64_t{0} : uint64_t(share);
}

}  // namespace

bool SiteMatches(std::string_view pattern, std::string_view name) {
  if (pattern.ends_with('*')) {
    pattern.remove_suffix(1);
    return name.starts_with(pattern);
  }
  return name == pattern;
}

struct Injector::Rule {
  std::string site;
  When when;
  std::string action;
  Event event;  // null: it fails
  bool by_other = false;
  uint64_t share = 0;  // of `random`, if it goes by probability
  uint64_t passings = 0;
  std::mt19937_64 random;
};

Injector::Injector(mm::Scheduler& scheduler, mm::Trace& trace, uint64_t seed)
    : scheduler_(scheduler), trace_(trace), seed_(seed) {}

Injector::~Injector() { Detach(); }

void Injector::Fail(std::string_view site, When when) {
  Add(site, std::move(when), "fail", nullptr, false);
}

void Injector::At(std::string_view site, When when, std::string action,
                  Event event) {
  Add(site, std::move(when), std::move(action), std::move(event), true);
}

void Injector::Here(std::string_view site, When when, std::string action,
                    Event event) {
  Add(site, std::move(when), std::move(action), std::move(event), false);
}

void Injector::Add(std::string_view site, When when, std::string action,
                   Event event, bool by_other) {
  auto rule = std::make_unique<Rule>();
  rule->site = std::string(site);
  rule->when = std::move(when);
  rule->action = std::move(action);
  rule->event = std::move(event);
  rule->by_other = by_other;
  rule->share = ShareOf(rule->when.probability.value_or(0));
  // Each rule draws for itself: one more rule changes nothing for the others.
  rule->random.seed(seed_ ^ (rules_.size() + 1) * 0x9e3779b97f4a7c15);
  has_events_ |= rule->event != nullptr;
  for (auto& [key, known] : sites_) {
    if (SiteMatches(rule->site, known->name)) {
      known->rules.push_back(rule.get());
    }
  }
  rules_.push_back(std::move(rule));
  UpdateObserver();
}

void Injector::Attach(mm::ScheduleObserver* next, NextWants wants) {
  FL_CHECK(!attached_);
  attached_ = true;
  next_ = next;
  next_wants_points_ = next != nullptr && wants == NextWants::kPoints;
  before_ = mm::FailureSource::Install(this);
  UpdateObserver();
}

void Injector::Detach() {
  if (std::exchange(attached_, false)) {
    mm::FailureSource::Install(before_);
    scheduler_.set_observer(next_, next_wants_points_);
  }
}

void Injector::UpdateObserver() {
  if (attached_) {
    scheduler_.set_observer(this, has_events_ || next_wants_points_);
  }
}

Injector::Site& Injector::SiteAt(const void* key, const char* name,
                                 bool fails) {
  std::unique_ptr<Site>& site = sites_[key];
  if (site == nullptr) {
    site = std::make_unique<Site>();
    site->name = name;
    site->fails = fails;
    for (const auto& rule : rules_) {
      if (SiteMatches(rule->site, site->name)) {
        site->rules.push_back(rule.get());
      }
    }
  }
  return *site;
}

Passing Injector::Pass(Site& site, mm::Actor* actor, uint64_t address) {
  if (address == 0 && actor != nullptr) {
    address = actor->work_address();
  }
  if (address != 0 && untag_ != nullptr) {
    address = untag_(address);
  }
  return {site.name, ++site.passings, address, actor};
}

bool Injector::Means(Rule& rule, const Passing& passing) {
  const When& when = rule.when;
  if (when.addresses.has_value() &&
      !when.addresses->Contains(mm::GuestAddr(passing.address))) {
    return false;
  }
  if (when.filter != nullptr && !when.filter(passing)) {
    return false;
  }
  ++rule.passings;
  if (when.nth != 0 && rule.passings != when.nth) {
    return false;
  }
  if (when.chooses != nullptr) {
    return when.chooses(rule.passings);
  }
  if (when.every != 0 && rule.passings % when.every != 0) {
    return false;
  }
  return !when.probability.has_value() || rule.random() < rule.share;
}

void Injector::Note(const Rule& rule, const Passing& passing) {
  Injection done{std::string(passing.site), rule.action,
                 passing.actor == nullptr ? "-" : passing.actor->name(),
                 passing.nth, passing.address};
  if (trace_.on(mm::TraceKind::kInject)) {
    const mm::TraceField fields[] = {
        mm::TraceField::Text("action", done.action),
        mm::TraceField::Dec("nth", done.nth),
        mm::TraceField::Text("actor", done.actor),
        mm::TraceField::Hex("address", done.address)};
    trace_.Emit(mm::TraceKind::kInject, done.site, fields);
  }
  if (injected_++ < kToldInjections) {
    injections_.push_back(std::move(done));
  }
}

bool Injector::ShouldFail(const mm::FailSite& fail_site, uint64_t address) {
  Site& site = SiteAt(&fail_site, fail_site.name, true);
  mm::Actor* const actor = mm::Scheduler::Current();
  const Passing passing = Pass(site, actor, address);
  bool fails = false;
  for (Rule* rule : site.rules) {
    if (!Means(*rule, passing)) {
      continue;
    }
    if (rule->event != nullptr) {
      pending_.push_back({rule, passing});
    } else if (!fails) {
      fails = true;
      Note(*rule, passing);
    }
  }
  return fails;
}

void Injector::OnSwitch(const mm::Actor* from, const mm::Actor& to,
                        const mm::PointSite* at) {
  if (next_ != nullptr) {
    next_->OnSwitch(from, to, at);
  }
}

void Injector::OnPoint(const mm::Actor& at_point, const mm::PointSite& at) {
  if (next_wants_points_) {
    next_->OnPoint(at_point, at);
  }
  auto& actor = const_cast<mm::Actor&>(at_point);
  if (std::find(at_work_.begin(), at_work_.end(), &actor) != at_work_.end()) {
    return;
  }
  // What FailSites have asked for, then this one.
  std::vector<Pending> due = std::exchange(pending_, {});
  Site& site = SiteAt(&at, at.name, false);
  const Passing passing = Pass(site, &actor, 0);
  for (Rule* rule : site.rules) {
    if (rule->event != nullptr && Means(*rule, passing)) {
      due.push_back({rule, passing});
    }
  }
  if (due.empty()) {
    return;
  }
  // Not on the actor's stack: it waits for others here, and a run that is
  // stopped does not come back to it.
  const auto mine = under_way_.insert(under_way_.end(), std::move(due));
  for (const Pending& event : *mine) {
    Perform(*event.rule, event.passing);
  }
  under_way_.erase(mine);
}

void Injector::Perform(const Rule& rule, const Passing& passing) {
  Note(rule, passing);
  if (rule.by_other) {
    mm::Actor& other =
        scheduler_.Spawn("inject", [&rule, passing] { rule.event(passing); });
    scheduler_.RunFirst(other);
    return;
  }
  at_work_.push_back(mm::Scheduler::Current());
  const mm::Actor* const me = at_work_.back();
  rule.event(passing);
  at_work_.erase(std::find(at_work_.begin(), at_work_.end(), me));
}

}  // namespace faultline::inject
