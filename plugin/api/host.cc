#include "plugin/api/host.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "guest_mm/base/check.h"
#include "plugin/linux/task/process.h"

namespace faultline::api {
namespace {

Host* active = nullptr;

}  // namespace

Host* Host::Active() { return active; }

Host::Host(os::Kernel& kernel, std::string program)
    : kernel_(kernel),
      program_(std::move(program)),
      decoder_(kernel.options().arch),
      own_(kernel) {
  FL_CHECK(active == nullptr);
  active = this;
}

Host::~Host() { active = nullptr; }

absl::Status Host::Load(const std::string& spec) {
  auto plugin = Plugin::Open(PluginSpec::Parse(spec), plugins_.size() + 1);
  if (!plugin.ok()) {
    return plugin.status();
  }
  plugins_.push_back(*std::move(plugin));
  Plugin& p = *plugins_.back();
  installing_ = &p;
  absl::Status status = Install(p);
  installing_ = nullptr;
  return status;
}

absl::Status Host::Install(Plugin& p) {
  const char* const arch =
      kernel_.options().arch == engine::Arch::kX86 ? "x86_64" : "aarch64";
  if (p.version() != 0) {
    if (!watches_) {
      kernel_.cpu().set_watch(this);
      watches_ = true;
    }
    qemu_info_t info{};
    info.target_name = arch;
    info.version.min = kOldestVersion;
    info.version.cur = kNewestVersion;
    if (absl::Status s = p.Install(info); !s.ok()) {
      return s;
    }
  }
  const faultline_info own{
      .version = FAULTLINE_PLUGIN_VERSION,
      .arch = arch,
      .path = program_.c_str(),
      .seed = kernel_.options().seed,
      .page_size = kernel_.memory().phys().page_shift().bytes()};
  return p.own_version() == 0 ? absl::OkStatus() : p.InstallOwn(own);
}

void Host::Finish() {
  if (std::exchange(finished_, true)) {
    return;
  }
  for (const auto& plugin : plugins_) {
    if (plugin->callbacks.atexit != nullptr) {
      plugin->callbacks.atexit(plugin->id(), plugin->callbacks.atexit_user);
    }
  }
  own_.SeeExit();
}

Plugin* Host::Find(qemu_plugin_id_t id) {
  return id == 0 || id > plugins_.size() ? nullptr : plugins_[id - 1].get();
}

// --- vCPUs ---

void Host::TellVcpu(qemu_plugin_vcpu_simple_cb_t Callbacks::*which,
                    unsigned vcpu) {
  for (const auto& plugin : plugins_) {
    if (const auto call = plugin->callbacks.*which) {
      call(plugin->id(), vcpu);
    }
  }
}

void Host::FitScoreboards() {
  for (const auto& board : scoreboards_) {
    board->Fit(std::max(vcpus_, 1u), vcpu_);
  }
}

void Host::OnLoad(const engine::CpuContext& context) {
  if (&context == running_) {
    return;  // the kernel has run on its behalf
  }
  if (running_ != nullptr) {
    TellVcpu(&Callbacks::vcpu_idle, vcpu_);
  }
  running_ = &context;
  const auto [it, is_new] = vcpu_of_.try_emplace(&context, vcpus_);
  vcpu_ = it->second;
  if (is_new) {
    ++vcpus_;
    living_.push_back(vcpu_);
  }
  FitScoreboards();
  TellVcpu(is_new ? &Callbacks::vcpu_init : &Callbacks::vcpu_resume, vcpu_);
}

void Host::OnGone(const engine::CpuContext& context) {
  const auto it = vcpu_of_.find(&context);
  if (it == vcpu_of_.end() || finished_) {
    return;
  }
  TellVcpu(&Callbacks::vcpu_exit, it->second);
  std::erase(living_, it->second);
  vcpu_of_.erase(it);
  if (running_ == &context) {
    running_ = nullptr;
  }
}

qemu_plugin_scoreboard* Host::NewScoreboard(size_t bytes) {
  scoreboards_.push_back(std::make_unique<qemu_plugin_scoreboard>(bytes));
  FitScoreboards();
  return scoreboards_.back().get();
}

// Plans may still name it, so it goes when they do.
void Host::FreeScoreboard(qemu_plugin_scoreboard* board) {
  if (finished_) {
    std::erase_if(scoreboards_,
                  [board](const auto& b) { return b.get() == board; });
  }
}

// --- blocks ---

void Host::OnTranslate(engine::WatchPlan& plan) {
  auto actions = std::make_unique<PlanActions>();
  uint64_t at = plan.pc();
  std::vector<bool> silent;
  for (const Decoder::Insn& i : decoder_.Split(plan.code(), at)) {
    plan.insns.push_back({.address = at,
                          .bytes = i.bytes,
                          .joins = i.joins,
                          .iterates = i.iterates});
    silent.push_back(i.silent);
    actions->insns.push_back({.sign_extends = i.sign_extends});
    at += i.bytes;
  }
  qemu_plugin_tb tb{&plan, actions.get(), {}};
  for (size_t i = 0; i < plan.insns.size(); ++i) {
    tb.insns.push_back({&plan, actions.get(), i});
  }
  for (const auto& plugin : plugins_) {
    if (plugin->callbacks.tb_trans != nullptr) {
      caller_version_ = plugin->version();
      plugin->callbacks.tb_trans(plugin->id(), &tb);
    }
  }
  caller_version_ = kNewestVersion;
  plan.calls = !OnlyAdds(actions->block, plan.adds);
  for (size_t i = 0; i < plan.insns.size(); ++i) {
    engine::WatchedInsn& insn = plan.insns[i];
    insn.calls = !OnlyAdds(actions->insns[i].begin, insn.adds);
    insn.accesses = !actions->insns[i].access.empty() && !silent[i];
  }
  plan.data = std::move(actions);
}

void Host::Do(const std::vector<Action>& actions) const {
  for (const Action& a : actions) {
    if (a.kind == Action::Kind::kInline) {
      a.op.Do();
    } else if (a.kind == Action::Kind::kCall || a.Holds()) {
      a.run(vcpu_, a.user);
    }
  }
}

void Host::OnBlock(const engine::WatchPlan& plan) {
  at_ = plan.pc();
  Do(static_cast<const PlanActions&>(*plan.data).block);
  at_.reset();
}

void Host::OnInstruction(const engine::WatchPlan& plan, size_t index) {
  at_ = plan.insns[index].address;
  Do(static_cast<const PlanActions&>(*plan.data).insns[index].begin);
  at_.reset();
}

void Host::OnAccess(const engine::WatchPlan& plan, size_t index,
                    const engine::WatchedAccess& access) {
  const auto& insn = static_cast<const PlanActions&>(*plan.data).insns[index];
  access_ = &access;
  at_ = plan.insns[index].address;
  const qemu_plugin_meminfo_t info =
      MemInfo{
          .shift = unsigned(std::countr_zero(access.bytes)),
          .sign_extends = insn.sign_extends && !access.store,
          .store = access.store,
      }
          .Encode();
  const auto kind = access.store ? QEMU_PLUGIN_MEM_W : QEMU_PLUGIN_MEM_R;
  for (const Action& a : insn.access) {
    if ((a.rw & kind) == 0) {
      continue;
    }
    if (a.kind == Action::Kind::kInline) {
      a.op.Do();
    } else {
      a.access(vcpu_, info, access.address, a.user);
    }
  }
  access_ = nullptr;
  at_.reset();
}

std::vector<uint64_t> Host::OperandsOf(const engine::WatchPlan& plan,
                                       const engine::WatchedInsn& insn) {
  return decoder_.Operands(absl::MakeConstSpan(plan.code())
                               .subspan(insn.address - plan.pc(), insn.bytes),
                           insn.address, kernel_.cpu().ReadRegisters());
}

// --- reset ---

void Host::ResetLater(Plugin& plugin, qemu_plugin_simple_cb_t done,
                      bool unload) {
  // Blocks that had begun ask again: once is enough.
  const bool comes = std::ranges::any_of(resets_, [&](const Reset& r) {
    return r.plugin == plugin.id() && (r.unload || !unload);
  });
  if (comes) {
    return;
  }
  resets_.push_back({plugin.id(), done, unload});
}

bool Host::WantsPlansDropped() { return !resets_.empty(); }

void Host::OnPlansDropped() {
  for (const auto& plugin : plugins_) {
    if (plugin->callbacks.flush != nullptr) {
      plugin->callbacks.flush(plugin->id());
    }
  }
  for (const Reset& reset : std::exchange(resets_, {})) {
    Plugin& plugin = *Find(reset.plugin);
    plugin.callbacks = {};
    if (reset.done != nullptr) {
      reset.done(reset.plugin);
    }
    if (reset.unload) {
      plugin.callbacks = {};
      own_.Forget(plugin.id());
      plugin.Unload();
    }
  }
}

// --- system calls, symbols ---

void Host::SeeSyscall(int64_t number, absl::Span<const uint64_t> args) {
  FL_CHECK(args.size() == 6);
  for (const auto& plugin : plugins_) {
    if (plugin->callbacks.syscall != nullptr) {
      plugin->callbacks.syscall(plugin->id(), vcpu_, number, args[0], args[1],
                                args[2], args[3], args[4], args[5], 0, 0);
    }
  }
}

void Host::SeeSyscallReturn(int64_t number, int64_t result) {
  for (const auto& plugin : plugins_) {
    if (plugin->callbacks.syscall_ret != nullptr) {
      plugin->callbacks.syscall_ret(plugin->id(), vcpu_, number, result);
    }
  }
}

}  // namespace faultline::api
