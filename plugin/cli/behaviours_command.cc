#include "plugin/cli/behaviours_command.h"

#include <cstdio>
#include <memory>
#include <string>

#include "guest_mm/profile/behaviour.h"

namespace faultline::cli {

void AddBehavioursCommand(CLI::App& app) {
  CLI::App* c = app.add_subcommand(
      "behaviours", "List the rules in which versions of Linux differ");
  auto markdown = std::make_shared<bool>(false);
  c->add_flag("--markdown", *markdown, "As docs/behaviours.md has it");
  c->callback([markdown] {
    const std::string text =
        *markdown ? mm::BehavioursMarkdown() : mm::BehavioursText();
    std::fputs(text.c_str(), stdout);
  });
}

}  // namespace faultline::cli
