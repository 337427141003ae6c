#ifndef FAULTLINE_PLUGIN_LINUX_LOADER_SCRIPT_H_
#define FAULTLINE_PLUGIN_LINUX_LOADER_SCRIPT_H_

// "#!" lines. Linux: fs/binfmt_script.c.

#include <optional>
#include <string>
#include <string_view>

#include "guest_mm/base/errno.h"

namespace faultline::os {

struct ScriptLine {
  std::string interpreter;
  std::optional<std::string> argument;  // all the rest of the line, one word
};

// How many bytes of a file exec looks at (BINPRM_BUF_SIZE).
inline constexpr size_t kScriptHead = 256;

// `head`: the file's first bytes, kScriptHead of them if it has as many.
// Nothing: not a script. kENOEXEC: a script without an interpreter, or whose
// interpreter's name does not fit.
ErrnoOr<std::optional<ScriptLine>> ParseScript(std::string_view head);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_LOADER_SCRIPT_H_
