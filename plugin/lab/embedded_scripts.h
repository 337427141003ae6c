#ifndef FAULTLINE_PLUGIN_LAB_EMBEDDED_SCRIPTS_H_
#define FAULTLINE_PLUGIN_LAB_EMBEDDED_SCRIPTS_H_

// The files of plugin/lab/scripts, as the build has put them into the program.

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace faultline::lab {

struct EmbeddedScript {
  absl::string_view name;  // "k3.lua"
  absl::string_view source;
};
absl::Span<const EmbeddedScript> EmbeddedScripts();

}  // namespace faultline::lab

#endif  // FAULTLINE_PLUGIN_LAB_EMBEDDED_SCRIPTS_H_
