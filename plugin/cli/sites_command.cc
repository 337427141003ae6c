#include "plugin/cli/sites_command.h"

#include <cstdio>
#include <memory>

#include "absl/strings/str_format.h"
#include "plugin/inject/site_list.h"

namespace faultline::cli {

void AddSitesCommand(CLI::App& app) {
  CLI::App* c = app.add_subcommand(
      "sites", "List what --inject can make fail or happen, and where");
  const auto json = std::make_shared<bool>(false);
  c->add_flag("--json", *json, "As JSON lines");
  c->callback([json] {
    absl::PrintF("%s", *json ? inject::SitesJson() : inject::SitesText());
  });
}

}  // namespace faultline::cli
