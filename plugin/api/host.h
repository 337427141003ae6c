#ifndef FAULTLINE_PLUGIN_API_HOST_H_
#define FAULTLINE_PLUGIN_API_HOST_H_

// Host: the plug-ins of one machine, and what they are told. The functions that
// they call (qemu_*.cc) have no handle for a machine, so there is one Host at a
// time, Host::Active().
//
// A vCPU is a guest thread, counted from 0 in the order of their first turn, as
// in QEMU's user mode; but threads of all processes are of the one machine.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "plugin/api/decoder.h"
#include "plugin/api/own.h"
#include "plugin/api/plan_actions.h"
#include "plugin/api/plugin.h"
#include "plugin/api/scoreboard.h"
#include "plugin/api/symbol_table.h"
#include "plugin/engine/cpu_watch.h"
#include "plugin/linux/kernel.h"

namespace faultline::api {

class Host final : public engine::CpuWatch {
 public:
  // `kernel` is gone before this is.
  // `program`: what it runs, on the host.
  Host(os::Kernel& kernel, std::string program);
  ~Host() override;
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  // Null: none is there.
  static Host* Active();

  // "FILE.so[,key=value...]". InvalidArgument: the file, why it cannot be
  // loaded or is for another version; nothing has been loaded then.
  absl::Status Load(const std::string& spec);
  // The machine has ended: the plug-ins' last words. Once.
  void Finish();

  os::Kernel& kernel() { return kernel_; }
  const std::string& program() const { return program_; }
  const Decoder& decoder() const { return decoder_; }

  // --- for the functions that plug-ins call ---
  // A stale id is a mistake of the plug-in's that must not crash it.
  Plugin* Find(qemu_plugin_id_t id);
  // The plug-in that Load() is at; null: none.
  Plugin* installing() const { return installing_; }
  // Whose code is running, if it is in a call of which it matters; else the
  // version is the newest.
  int version_of_caller() const { return caller_version_; }
  unsigned vcpu() const { return vcpu_; }
  unsigned vcpus() const { return vcpus_; }
  absl::Span<const unsigned> living() const { return living_; }
  qemu_plugin_scoreboard* NewScoreboard(size_t bytes);
  void FreeScoreboard(qemu_plugin_scoreboard* board);
  // The access that OnAccess() is telling of.
  const engine::WatchedAccess* access() const { return access_; }
  // At the next occasion `plugin` loses all that it has asked for, and is told.
  // Nothing if that is to come already.
  void ResetLater(Plugin& plugin, qemu_plugin_simple_cb_t done, bool unload);
  // The name of the program's function at `address`, for good; "" if none is
  // known.
  const char* SymbolAt(uint64_t address);
  // What is asked for by our own interface.
  Own& own() { return own_; }
  // The thread that runs; null: none does.
  os::Task* task() const;
  // The registers in the engine are those of a program's; it is running.
  bool HasRegisters() const;
  bool executing() const { return at_.has_value(); }
  // The address space of who runs; null: nobody does.
  mm::AddressSpace* space() const;
  // Where the program that runs begins (AT_ENTRY).
  uint64_t Entry() const;
  engine::RegisterFile Registers();
  // Where the host has the byte at `address` of the block.
  void* HostAddress(const engine::WatchPlan& plan, uint64_t address);
  // From the handle's holder: it is that late now, in nanoseconds.
  void AdvanceTo(const void* handle, int64_t ns);

  void SeeSyscall(int64_t number, absl::Span<const uint64_t> args);
  void SeeSyscallReturn(int64_t number, int64_t result);

  // engine::CpuWatch:
  void OnTranslate(engine::WatchPlan& plan) override;
  void OnBlock(const engine::WatchPlan& plan) override;
  void OnInstruction(const engine::WatchPlan& plan, size_t index) override;
  void OnAccess(const engine::WatchPlan& plan, size_t index,
                const engine::WatchedAccess& access) override;
  std::vector<uint64_t> OperandsOf(const engine::WatchPlan& plan,
                                   const engine::WatchedInsn& insn) override;
  bool WantsPlansDropped() override;
  void OnPlansDropped() override;
  void OnLoad(const engine::CpuContext& context) override;
  void OnGone(const engine::CpuContext& context) override;

 private:
  struct Reset {
    qemu_plugin_id_t plugin;
    qemu_plugin_simple_cb_t done;
    bool unload;
  };

  absl::Status Install(Plugin& plugin);
  void Do(const std::vector<Action>& actions) const;
  void TellVcpu(qemu_plugin_vcpu_simple_cb_t Callbacks::*which, unsigned vcpu);
  void FitScoreboards();

  os::Kernel& kernel_;
  std::string program_;
  Decoder decoder_;
  Own own_;
  std::vector<std::unique_ptr<Plugin>> plugins_;
  std::vector<std::unique_ptr<qemu_plugin_scoreboard>> scoreboards_;
  std::vector<Reset> resets_;
  Plugin* installing_ = nullptr;
  std::optional<SymbolTable> symbols_;  // once somebody asks
  int caller_version_ = kNewestVersion;

  absl::flat_hash_map<const engine::CpuContext*, unsigned> vcpu_of_;
  std::vector<unsigned> living_;
  const engine::CpuContext* running_ = nullptr;
  unsigned vcpu_ = 0;
  unsigned vcpus_ = 0;
  const engine::WatchedAccess* access_ = nullptr;
  std::optional<uint64_t> at_;  // the program counter, while they are told
  bool watches_ = false;
  bool finished_ = false;
};

}  // namespace faultline::api

#endif  // FAULTLINE_PLUGIN_API_HOST_H_
