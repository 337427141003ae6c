#ifndef FAULTLINE_PLUGIN_LAB_SCRIPT_CLAIMS_H_
#define FAULTLINE_PLUGIN_LAB_SCRIPT_CLAIMS_H_

// The experiments that are scripts: plugin/lab/scripts, one file a claim,
// embedded in the program.

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "plugin/lab/experiment.h"

namespace faultline::lab {

// The script of claim "K3" is scripts/k3.lua; "" if there is none.
absl::string_view ScriptOf(absl::string_view id);
// A file of scripts/ by its name: what the scripts share.
absl::string_view ScriptFile(absl::string_view name);
// The same, for include(). NotFound.
absl::StatusOr<std::string> ReadScriptFile(const std::string& name);

// An error in the script is a note, and the verdict kViolated.
Findings RunScript(absl::string_view id, engine::Arch arch);

}  // namespace faultline::lab

#endif  // FAULTLINE_PLUGIN_LAB_SCRIPT_CLAIMS_H_
