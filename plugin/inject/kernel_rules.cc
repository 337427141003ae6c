#include "plugin/inject/kernel_rules.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "plugin/engine/kernel_image.h"
#include "plugin/inject/events.h"
#include "plugin/inject/loaded_symbol.h"
#include "plugin/inject/site_list.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::inject {
namespace {

using Filter = std::function<bool(const Passing&)>;

const os::Task* Owner(const Passing& passing) {
  return passing.actor == nullptr
             ? nullptr
             : static_cast<const os::Task*>(passing.actor->owner());
}

// By its thread id, its name, or the name of an actor that is no thread.
bool IsNamed(const Passing& passing, const std::string& name) {
  const os::Task* const task = Owner(passing);
  if (task == nullptr) {
    return passing.actor != nullptr && passing.actor->name() == name;
  }
  return task->comm == name || absl::StrCat(task->tid()) == name;
}

bool IsKernelRoutine(std::string_view name) {
  for (int i = 0; i < int(engine::KernelRoutine::kCount); ++i) {
    if (name == engine::SymbolOf(engine::KernelRoutine(i))) {
      return true;
    }
  }
  return false;
}

// Whether a thread was in a function when it last left user mode, or the
// kernel is, for it.
class InSymbol {
 public:
  InSymbol(std::string name, std::optional<LoadedSymbol> symbol)
      : name_(std::move(name)), symbol_(std::move(symbol)) {}

  bool operator()(const Passing& passing) const {
    const os::Task* const task = Owner(passing);
    if (task == nullptr) {
      return false;
    }
    if (task->run.kernel_routine != nullptr &&
        name_ == task->run.kernel_routine) {
      return true;
    }
    // After a system call it is behind the instruction.
    return symbol_.has_value() &&
           symbol_->OffsetOf(*task, task->run.user_pc).has_value();
  }

 private:
  std::string name_;
  std::optional<LoadedSymbol> symbol_;
};

absl::StatusOr<Filter> FilterOfSymbol(const Rule& rule,
                                      const std::string& program) {
  std::optional<LoadedSymbol> symbol = LoadedSymbol::Find(program, rule.pc);
  if (!symbol.has_value() && !IsKernelRoutine(rule.pc)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--inject ", ToString(rule), ": neither ", program,
        " nor the guest kernel image has a function called ", rule.pc));
  }
  return Filter(InSymbol(rule.pc, std::move(symbol)));
}

absl::StatusOr<Filter> FilterOf(const Rule& rule, const std::string& program) {
  Filter in_symbol;
  if (!rule.pc.empty()) {
    auto made = FilterOfSymbol(rule, program);
    if (!made.ok()) {
      return made.status();
    }
    in_symbol = *std::move(made);
  }
  if (rule.task.empty()) {
    return in_symbol;
  }
  return Filter([name = rule.task, in_symbol](const Passing& passing) {
    return IsNamed(passing, name) &&
           (in_symbol == nullptr || in_symbol(passing));
  });
}

// The one who comes by gives way again and again.
Injector::Event Delay(os::Kernel& kernel, const Rule& rule) {
  constexpr uint64_t kRounds = 10;
  uint64_t rounds = kRounds;
  if (!rule.argument.empty()) {
    FL_CHECK(absl::SimpleAtoi(rule.argument, &rounds));
  }
  return [&kernel, rounds](const Passing& passing) {
    // It stays where it stood, in the eyes of those who ask.
    const mm::PointSite* const at = passing.actor->at();
    for (uint64_t i = 0; i < rounds; ++i) {
      kernel.scheduler().GoRound(*at);
    }
  };
}

}  // namespace

absl::Status AddRule(Injector& injector, os::Kernel& kernel, const Rule& rule,
                     const std::string& program,
                     const std::function<bool(uint64_t)>& chooses) {
  if (absl::Status s = CheckSite(rule); !s.ok()) {
    return s;
  }
  auto filter = FilterOf(rule, program);
  if (!filter.ok()) {
    return filter.status();
  }
  When when;
  when.addresses = rule.addresses;
  when.filter = *std::move(filter);
  when.nth = rule.nth;
  when.every = rule.every;
  when.probability = rule.probability;
  when.chooses = chooses;
  switch (rule.action) {
    case ActionKind::kFail:
      injector.Fail(rule.site, std::move(when));
      break;
    case ActionKind::kDelay:
      injector.Here(rule.site, std::move(when), ActionText(rule),
                    Delay(kernel, rule));
      break;
    default:
      injector.At(rule.site, std::move(when), ActionText(rule),
                  MakeEvent(kernel, rule));
      break;
  }
  return absl::OkStatus();
}

void Prepare(Injector& injector, os::Kernel& kernel) {
  injector.set_untag([&kernel](uint64_t a) {
    return kernel.memory().arch().Untag(mm::GuestAddr(a)).value();
  });
}

}  // namespace faultline::inject
