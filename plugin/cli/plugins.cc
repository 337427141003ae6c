#include "plugin/cli/plugins.h"

namespace faultline::cli {

Machine::Creation Plugins::Loader() {
  if (specs_.empty()) {
    return nullptr;
  }
  return [this](os::Kernel& kernel,
                const RunPaths& paths) -> absl::StatusOr<mm::TraceSink*> {
    host_.emplace(kernel, paths.program);
    observer_.emplace(*host_, &next_);
    kernel.set_observer(&*observer_);
    for (const std::string& spec : specs_) {
      if (absl::Status s = host_->Load(spec); !s.ok()) {
        return s;
      }
    }
    return host_->own().events.empty() ? nullptr : &host_->own();
  };
}

std::function<void(inject::Injector&)> Plugins::Rules() {
  if (!host_.has_value() || host_->own().sites.empty()) {
    return nullptr;
  }
  return
      [this](inject::Injector& injector) { host_->own().AddRules(injector); };
}

void Plugins::Finish() {
  if (host_.has_value()) {
    host_->Finish();
  }
}

void AcceptOneDash(const CLI::App& command, std::vector<std::string>& words) {
  for (size_t i = 0; i < words.size() && words[i].starts_with("-"); ++i) {
    if (words[i] == "-plugin") {
      words[i] = "--plugin";
    }
    const CLI::Option* const option = command.get_option_no_throw(words[i]);
    if (option != nullptr && option->get_items_expected_min() > 0) {
      ++i;  // its value
    }
  }
}

}  // namespace faultline::cli
