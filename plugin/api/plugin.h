#ifndef FAULTLINE_PLUGIN_API_PLUGIN_H_
#define FAULTLINE_PLUGIN_API_PLUGIN_H_

// Plugin: one shared object that has been loaded, and what it wants to be told.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "plugin/api/faultline-plugin.h"
#include "plugin/api/qemu_abi.h"

namespace faultline::api {

inline constexpr int kOldestVersion = 1, kNewestVersion = 4;

struct Callbacks {
  qemu_plugin_vcpu_simple_cb_t vcpu_init = nullptr;
  qemu_plugin_vcpu_simple_cb_t vcpu_exit = nullptr;
  qemu_plugin_vcpu_simple_cb_t vcpu_idle = nullptr;
  qemu_plugin_vcpu_simple_cb_t vcpu_resume = nullptr;
  qemu_plugin_vcpu_tb_trans_cb_t tb_trans = nullptr;
  qemu_plugin_vcpu_syscall_cb_t syscall = nullptr;
  qemu_plugin_vcpu_syscall_ret_cb_t syscall_ret = nullptr;
  qemu_plugin_simple_cb_t flush = nullptr;
  qemu_plugin_udata_cb_t atexit = nullptr;
  void* atexit_user = nullptr;
};

// The words of "FILE.so,key=value,flag", as QEMU has them: a flag is "flag=on",
// and so is the older "arg=flag"; two commas are one within a word.
struct PluginSpec {
  std::string file;
  std::vector<std::string> args;
  static PluginSpec Parse(const std::string& text);
};

class Plugin {
 public:
  // Opens the file and looks at its version; runs nothing of it but what its
  // constructors do. InvalidArgument says what is wrong.
  static absl::StatusOr<std::unique_ptr<Plugin>> Open(const PluginSpec& spec,
                                                      qemu_plugin_id_t id);
  ~Plugin();

  qemu_plugin_id_t id() const { return id_; }
  // Of each interface; 0: it does not offer it.
  int version() const { return version_; }
  int own_version() const { return own_version_; }
  // Its installing function of each. InvalidArgument: it has said no.
  absl::Status Install(const qemu_info_t& info);
  absl::Status InstallOwn(const faultline_info& info);
  void Unload();
  // While it is being installed: `function` was called wrongly. Its install
  // functions then answer InvalidArgument with the first complaint.
  void Complain(const char* function, const std::string& what);

  Callbacks callbacks{};

 private:
  Plugin() = default;
  // The version of an interface that it offers; null: it does not.
  const int* VersionOf(const std::string& interface) const;
  bool Has(const std::string& symbol) const;
  absl::Status Answered(const char* function, int result) const;
  absl::Status Error(const std::string& why) const;

  std::string file_;
  std::vector<std::string> args_;  // they stay where they are, see argv_
  std::vector<char*> argv_;
  qemu_plugin_id_t id_ = 0;
  int version_ = 0, own_version_ = 0;
  void* handle_ = nullptr;
  bool has_run_ = false;
  std::string complaint_;
};

}  // namespace faultline::api

#endif  // FAULTLINE_PLUGIN_API_PLUGIN_H_
