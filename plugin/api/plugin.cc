#include "plugin/api/plugin.h"

#include <dlfcn.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "plugin/api/glib.h"

namespace faultline::api {

PluginSpec PluginSpec::Parse(const std::string& text) {
  const std::vector<std::string> words = absl::StrSplit(text, ',');
  PluginSpec spec;
  constexpr std::string_view kFile = "file=";
  spec.file = words.front().starts_with(kFile)
                  ? words.front().substr(kFile.size())
                  : words.front();
  // dlopen() takes a name without a slash for a library of the system's.
  if (spec.file.find('/') == std::string::npos) {
    spec.file = "./" + spec.file;
  }
  for (size_t i = 1; i < words.size(); ++i) {
    spec.args.push_back(
        words[i].find('=') == std::string::npos ? words[i] + "=on" : words[i]);
  }
  return spec;
}

absl::StatusOr<std::unique_ptr<Plugin>> Plugin::Open(const PluginSpec& spec,
                                                     qemu_plugin_id_t id) {
  const auto complain = [&spec](auto... why) {
    return absl::InvalidArgumentError(
        absl::StrCat("--plugin ", spec.file, ": ", why...));
  };
  // Plug-ins of QEMU's may count on its having GLib loaded.
  const bool glib = LoadGlib();
  std::unique_ptr<Plugin> p(new Plugin());
  p->handle_ = dlopen(spec.file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (p->handle_ == nullptr) {
    return complain("cannot be loaded: ", dlerror());
  }
  const int* const version = p->VersionOf("qemu_plugin");
  const int* const own = p->VersionOf("faultline_plugin");
  if (version == nullptr && own == nullptr) {
    return complain(
        "is no plug-in: it has neither qemu_plugin_version and "
        "qemu_plugin_install nor faultline_plugin_version and "
        "faultline_plugin_install");
  }
  if (version != nullptr &&
      (*version < kOldestVersion || *version > kNewestVersion)) {
    return complain("was built for version ", *version,
                    " of QEMU's plug-in interface; Faultline has versions ",
                    kOldestVersion, " to ", kNewestVersion);
  }
  if (own != nullptr && *own != FAULTLINE_PLUGIN_VERSION) {
    return complain("was built for version ", *own,
                    " of Faultline's plug-in interface; this is version ",
                    FAULTLINE_PLUGIN_VERSION);
  }
  if (version != nullptr && *version > 1 && !glib) {
    return complain("version ", *version,
                    " of the interface needs GLib, and there is no "
                    "libglib-2.0.so.0");
  }
  p->file_ = spec.file;
  p->args_ = spec.args;
  for (std::string& arg : p->args_) {
    p->argv_.push_back(arg.data());
  }
  p->argv_.push_back(nullptr);
  p->id_ = id;
  p->version_ = version == nullptr ? 0 : *version;
  p->own_version_ = own == nullptr ? 0 : *own;
  return p;
}

const int* Plugin::VersionOf(const std::string& interface) const {
  const void* const install = dlsym(handle_, (interface + "_install").c_str());
  return install == nullptr ? nullptr
                            : static_cast<const int*>(dlsym(
                                  handle_, (interface + "_version").c_str()));
}

absl::Status Plugin::Install(const qemu_info_t& info) {
  const auto install = reinterpret_cast<decltype(&qemu_plugin_install)>(
      dlsym(handle_, "qemu_plugin_install"));
  return Answered("qemu_plugin_install",
                  install(id_, &info, int(args_.size()), argv_.data()));
}

absl::Status Plugin::InstallOwn(const faultline_info& info) {
  const auto install = reinterpret_cast<decltype(&faultline_plugin_install)>(
      dlsym(handle_, "faultline_plugin_install"));
  return Answered("faultline_plugin_install",
                  install(id_, &info, int(args_.size()), argv_.data()));
}

absl::Status Plugin::Answered(const char* function, int result) const {
  return result == 0 ? absl::OkStatus()
                     : absl::InvalidArgumentError(
                           absl::StrCat("--plugin ", file_, ": its ", function,
                                        "() answered ", result));
}

void Plugin::Unload() {
  if (void* const handle = std::exchange(handle_, nullptr)) {
    dlclose(handle);
  }
}

Plugin::~Plugin() { Unload(); }

}  // namespace faultline::api
