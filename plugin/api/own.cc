#include "plugin/api/own.h"

#include <algorithm>

#include "plugin/linux/task/process.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"

namespace faultline::api {
namespace {

static_assert(int(FAULTLINE_KINDS) == mm::kTraceKinds);
static_assert(int(FAULTLINE_TABLE) == int(mm::TraceKind::kTable));
static_assert(int(FAULTLINE_INJECT) == int(mm::TraceKind::kInject));
static_assert(int(FAULTLINE_TAG) == int(mm::TraceKind::kTag));

faultline_text TextOf(std::string_view text) {
  return {text.data(), text.size()};
}

char LetterOf(mm::Access access) {
  switch (access) {
    case mm::Access::kRead:
      return 'r';
    case mm::Access::kWrite:
      return 'w';
    case mm::Access::kExec:
      return 'x';
  }
  return '?';
}

// Calls `use` with what C is told of a passing.
template <typename Use>
bool Tell(const inject::Passing& passing, Use use) {
  const std::string site(passing.site);
  const std::string actor =
      passing.actor == nullptr ? "-" : std::string(passing.actor->name());
  const faultline_passing p{site.c_str(), passing.nth, passing.address,
                            actor.c_str()};
  return use(p);
}

}  // namespace

void Own::AddRules(inject::Injector& injector) const {
  for (const SiteCall& s : sites) {
    const auto filter = [this, s](const inject::Passing& passing) {
      if (std::ranges::find(gone_, s.id) != gone_.end()) {
        return false;
      }
      return Tell(passing, [&s](const faultline_passing& p) {
        if (s.decide != nullptr) {
          return s.decide(&p, s.user);
        }
        s.see(&p, s.user);
        return false;
      });
    };
    if (s.decide != nullptr) {
      injector.Fail(s.pattern, {.filter = filter});
    } else {
      // The event never comes: looking is done by the filter.
      injector.Here(s.pattern, {.filter = filter}, "look",
                    [](const inject::Passing&) {});
    }
  }
}

void Own::Forget(faultline_id id) {
  const auto is_its = [id](const auto& call) { return call.id == id; };
  std::erase_if(events, is_its);
  std::erase_if(faults, is_its);
  std::erase_if(exits, is_its);
  gone_.push_back(id);
}

void Own::SeeFault(os::Task& task, const mm::Fault& fault,
                   const mm::PageFaultOutcome& outcome) const {
  if (faults.empty()) {
    return;
  }
  os::LoadTask(task);
  const faultline_fault f{
      task.process().pid(), task.tid(),       fault.address.value(),
      fault.pc.value(),     fault.sp.value(), LetterOf(fault.access),
      fault.was_present,    outcome.major,    mm::ToString(outcome.kind)};
  for (const FaultCall& c : faults) {
    c.call(&f, c.user);
  }
}

void Own::SeeExit() const {
  for (const ExitCall& c : exits) {
    c.call(c.user);
  }
}

void Own::Emit(mm::TraceKind kind, std::string_view name,
               absl::Span<const mm::TraceField> fields) {
  std::vector<faultline_field> list;
  for (const mm::TraceField& f : fields) {
    list.push_back({TextOf(f.key), f.number, TextOf(f.text)});
  }
  const faultline_event event{faultline_kind(kind), TextOf(name),
                              kernel_.now().ns(), list.data(), list.size()};
  for (const EventCall& c : events) {
    if ((c.kinds >> unsigned(kind) & 1) != 0) {
      c.call(&event, c.user);
    }
  }
}

}  // namespace faultline::api
