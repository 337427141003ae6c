// QEMU's interface: what a plug-in asks for once, and how it goes.

#include "plugin/api/host.h"

namespace {

using faultline::api::Callbacks;
using faultline::api::Host;
using faultline::api::Plugin;

template <typename F>
void Register(qemu_plugin_id_t id, F Callbacks::*which, F callback) {
  if (Plugin* const plugin = Host::Active()->Find(id)) {
    plugin->callbacks.*which = callback;
  }
}

}  // namespace

extern "C" {

void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t id,
                                       qemu_plugin_vcpu_simple_cb_t cb) {
  Register(id, &Callbacks::vcpu_init, cb);
}
void qemu_plugin_register_vcpu_exit_cb(qemu_plugin_id_t id,
                                       qemu_plugin_vcpu_simple_cb_t cb) {
  Register(id, &Callbacks::vcpu_exit, cb);
}
void qemu_plugin_register_vcpu_idle_cb(qemu_plugin_id_t id,
                                       qemu_plugin_vcpu_simple_cb_t cb) {
  Register(id, &Callbacks::vcpu_idle, cb);
}
void qemu_plugin_register_vcpu_resume_cb(qemu_plugin_id_t id,
                                         qemu_plugin_vcpu_simple_cb_t cb) {
  Register(id, &Callbacks::vcpu_resume, cb);
}
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           qemu_plugin_vcpu_tb_trans_cb_t cb) {
  Register(id, &Callbacks::tb_trans, cb);
}
void qemu_plugin_register_vcpu_syscall_cb(qemu_plugin_id_t id,
                                          qemu_plugin_vcpu_syscall_cb_t cb) {
  Register(id, &Callbacks::syscall, cb);
}
void qemu_plugin_register_vcpu_syscall_ret_cb(
    qemu_plugin_id_t id, qemu_plugin_vcpu_syscall_ret_cb_t cb) {
  Register(id, &Callbacks::syscall_ret, cb);
}
void qemu_plugin_register_flush_cb(qemu_plugin_id_t id,
                                   qemu_plugin_simple_cb_t cb) {
  Register(id, &Callbacks::flush, cb);
}
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id,
                                    qemu_plugin_udata_cb_t cb, void* userdata) {
  Register(id, &Callbacks::atexit, cb);
  Register(id, &Callbacks::atexit_user, userdata);
}

void qemu_plugin_reset(qemu_plugin_id_t id, qemu_plugin_simple_cb_t cb) {
  if (Plugin* const plugin = Host::Active()->Find(id)) {
    Host::Active()->ResetLater(*plugin, cb, /*unload=*/false);
  }
}
void qemu_plugin_uninstall(qemu_plugin_id_t id, qemu_plugin_simple_cb_t cb) {
  if (Plugin* const plugin = Host::Active()->Find(id)) {
    Host::Active()->ResetLater(*plugin, cb, /*unload=*/true);
  }
}

void qemu_plugin_vcpu_for_each(qemu_plugin_id_t id,
                               qemu_plugin_vcpu_simple_cb_t cb) {
  const auto living = Host::Active()->living();
  for (const unsigned vcpu :
       std::vector<unsigned>(living.begin(), living.end())) {
    cb(id, vcpu);
  }
}
int qemu_plugin_num_vcpus() { return int(Host::Active()->vcpus()); }
// Of a machine whose vCPUs are its threads, which come and go.
int qemu_plugin_n_vcpus() { return -1; }
int qemu_plugin_n_max_vcpus() { return -1; }

}  // extern "C"
