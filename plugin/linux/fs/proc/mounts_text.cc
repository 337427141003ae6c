#include "plugin/linux/fs/proc/mounts_text.h"

#include "absl/strings/str_format.h"
#include "plugin/linux/fs/file_system.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"

namespace faultline::os {
namespace {

// mangle(): characters that would end a field.
std::string Mangle(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\\') {
      absl::StrAppendFormat(&out, "\\%03o", int(c));
    } else {
      out += c;
    }
  }
  return out;
}

const char* Mode(const Mount& mount) {
  return mount.read_only == ReadOnly::kYes ? "ro,relatime" : "rw,relatime";
}

std::string Where(const Mount& mount) {
  return mount.parent == nullptr ? "/" : DPath(mount.mountpoint);
}

}  // namespace

ErrnoOr<std::string> ShowMounts(const PidRef& ref) {
  std::string text;
  for (const auto& mount : ref.kernel().vfs().mounts()) {
    absl::StrAppendFormat(&text, "%s %s %s %s%s 0 0\n", Mangle(mount->source),
                          Mangle(Where(*mount)), mount->fs->type(),
                          Mode(*mount), mount->fs->ShowOptions());
  }
  return text;
}

ErrnoOr<std::string> ShowMountInfo(const PidRef& ref) {
  std::string text;
  for (const auto& mount : ref.kernel().vfs().mounts()) {
    const DevId dev = mount->fs->dev();
    absl::StrAppendFormat(
        &text, "%d %d %d:%d / %s %s - %s %s %s%s\n", mount->id,
        mount->parent == nullptr ? 1 : mount->parent->id, dev.major, dev.minor,
        Mangle(Where(*mount)), Mode(*mount), mount->fs->type(),
        Mangle(mount->source), mount->read_only == ReadOnly::kYes ? "ro" : "rw",
        mount->fs->ShowOptions());
  }
  return text;
}

}  // namespace faultline::os
