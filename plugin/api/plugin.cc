#include "plugin/api/plugin.h"

#include <dlfcn.h>

#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "plugin/api/glib.h"

namespace faultline::api {

namespace {

// At commas; two of them are one of a word's own.
std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words(1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ',') {
      words.back() += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == ',') {
      words.back() += text[i++];
    } else {
      words.emplace_back();
    }
  }
  return words;
}

// `word` without `prefix`; null: it has another beginning.
std::optional<std::string> After(std::string_view prefix,
                                 const std::string& word) {
  return word.starts_with(prefix) ? std::optional(word.substr(prefix.size()))
                                  : std::nullopt;
}

}  // namespace

PluginSpec PluginSpec::Parse(const std::string& text) {
  const std::vector<std::string> words = Words(text);
  PluginSpec spec;
  spec.file = After("file=", words.front()).value_or(words.front());
  // dlopen() takes a name without a slash for a library of the system's.
  if (spec.file.find('/') == std::string::npos) {
    spec.file = "./" + spec.file;
  }
  for (size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    const std::optional<std::string> flag = After("arg=", word);
    spec.args.push_back(flag.has_value()                      ? *flag + "=on"
                        : word.find('=') == std::string::npos ? word + "=on"
                                                              : word);
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
  for (const std::string interface : {"qemu_plugin", "faultline_plugin"}) {
    const bool installs = p->Has(interface + "_install");
    if (installs != p->Has(interface + "_version")) {
      return complain("is half a plug-in: it has ", interface,
                      installs ? "_install, but no " : "_version, but no ",
                      interface, installs ? "_version" : "_install");
    }
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
  return static_cast<const int*>(
      dlsym(handle_, (interface + "_version").c_str()));
}

bool Plugin::Has(const std::string& symbol) const {
  return dlsym(handle_, symbol.c_str()) != nullptr;
}

absl::Status Plugin::Install(const qemu_info_t& info) {
  const auto install = reinterpret_cast<decltype(&qemu_plugin_install)>(
      dlsym(handle_, "qemu_plugin_install"));
  has_run_ = true;
  return Answered("qemu_plugin_install",
                  install(id_, &info, int(args_.size()), argv_.data()));
}

absl::Status Plugin::InstallOwn(const faultline_info& info) {
  const auto install = reinterpret_cast<decltype(&faultline_plugin_install)>(
      dlsym(handle_, "faultline_plugin_install"));
  has_run_ = true;
  return Answered("faultline_plugin_install",
                  install(id_, &info, int(args_.size()), argv_.data()));
}

absl::Status Plugin::Answered(const char* function, int result) const {
  if (!complaint_.empty()) {
    return Error(complaint_);
  }
  return result == 0
             ? absl::OkStatus()
             : Error(absl::StrCat("its ", function, "() answered ", result));
}

absl::Status Plugin::Error(const std::string& why) const {
  return absl::InvalidArgumentError(
      absl::StrCat("--plugin ", file_, ": ", why));
}

void Plugin::Complain(const char* function, const std::string& what) {
  if (complaint_.empty()) {
    complaint_ = absl::StrCat(function, "(): ", what);
  }
}

void Plugin::Unload() {
  if (void* const handle = std::exchange(handle_, nullptr)) {
    dlclose(handle);
  }
}

// Once its code has run the object stays, as in QEMU, until it asks to go: it
// may have told others to call it at the very end (atexit()).
Plugin::~Plugin() {
  if (!has_run_) {
    Unload();
  }
}

}  // namespace faultline::api
