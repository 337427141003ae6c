#include "plugin/linux/fs/proc/pid_text.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "guest_mm/gup/access_remote_vm.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/mm/clear_refs.h"
#include "guest_mm/mm/proc_report.h"
#include "guest_mm/reclaim/oom.h"
#include "plugin/linux/fs/proc/mounts_text.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

using mm::AddressSpace;
using Memory = std::shared_ptr<AddressSpace>;

template <std::string (*kRender)(AddressSpace&)>
ErrnoOr<std::string> OfMemory(const PidRef& ref) {
  const ErrnoOr<Memory> mm = ref.mm();
  return mm.ok() ? kRender(**mm) : std::string();
}

// Bytes [start, end) of the process; what cannot be read ends them.
std::string ReadBytes(AddressSpace& mm, mm::GuestAddr start,
                      mm::GuestAddr end) {
  constexpr uint64_t kMost = 4 << 20;
  if (end <= start) {
    return "";
  }
  std::string bytes(size_t(std::min(end - start, kMost)), '\0');
  bytes.resize(mm::ReadRemoteVm(
      mm, start,
      absl::MakeSpan(reinterpret_cast<std::byte*>(bytes.data()), bytes.size()),
      mm::RemoteRights::kObeyed));
  return bytes;
}

std::string RenderCmdline(AddressSpace& mm) {
  return ReadBytes(mm, mm.arg_start, mm.arg_end);
}
std::string RenderEnviron(AddressSpace& mm) {
  return ReadBytes(mm, mm.env_start, mm.env_end);
}

ErrnoOr<std::string> ShowStatm(const PidRef& ref) {
  const ErrnoOr<Memory> mm = ref.mm();
  return mm.ok() ? mm::RenderStatm(**mm) : std::string("0 0 0 0 0 0 0\n");
}

ErrnoOr<std::string> ShowAuxv(const PidRef& ref) {
  FL_ASSIGN(const std::shared_ptr<Process> process, ref.process());
  std::string bytes;
  for (const auto& [tag, value] : process->aux) {
    const uint64_t pair[2] = {tag, value};
    bytes.append(reinterpret_cast<const char*>(pair), sizeof pair);
  }
  return bytes;
}

ErrnoOr<std::string> ShowComm(const PidRef& ref) {
  FL_ASSIGN(const std::shared_ptr<Task> task, ref.task());
  return absl::StrCat(task->comm, "\n");
}
ErrnoOr<Done> StoreComm(const PidRef& ref, absl::string_view text) {
  constexpr size_t kCommMax = 15;
  FL_ASSIGN(const std::shared_ptr<Task> task, ref.task());
  // A newline stays in it, as everywhere before the first zero byte.
  task->comm = std::string(text.substr(0, std::min(kCommMax, text.find('\0'))));
  return kDone;
}

ErrnoOr<std::string> ShowOomScoreAdj(const PidRef& ref) {
  FL_ASSIGN(const std::shared_ptr<Process> process, ref.process());
  return absl::StrCat(process->oom_score_adj, "\n");
}
ErrnoOr<Done> StoreOomScoreAdj(const PidRef& ref, absl::string_view text) {
  FL_ASSIGN(const std::shared_ptr<Process> process, ref.process());
  int value;
  if (!absl::SimpleAtoi(absl::StripAsciiWhitespace(text), &value) ||
      value < -1000 || value > 1000) {
    return Errno::kEINVAL;
  }
  process->oom_score_adj = value;
  return kDone;
}

// proc_oom_score(): badness in thousandths of all memory, scaled to 0..2000.
ErrnoOr<std::string> ShowOomScore(const PidRef& ref) {
  FL_ASSIGN(const std::shared_ptr<Process> process, ref.process());
  const ErrnoOr<Memory> mm = ref.mm();
  const std::optional<int64_t> badness =
      mm.ok() ? mm::OomBadness(**mm, process->oom_score_adj) : std::nullopt;
  if (!badness.has_value()) {
    return std::string("0\n");
  }
  const int64_t total = int64_t(mm::OomTotalPages((*mm)->system()).value());
  return absl::StrCat((1000 + *badness * 1000 / total) * 2 / 3, "\n");
}

ErrnoOr<std::string> ShowWchan(const PidRef& ref) {
  FL_ASSIGN(const std::shared_ptr<Task> task, ref.task());
  const mm::Actor* actor = task->actor();
  return std::string(actor != nullptr && actor->waiting_on() != nullptr
                         ? actor->waiting_on()->name()
                         : "0");
}

ErrnoOr<std::string> ShowPersonality(const PidRef& ref) {
  FL_ASSIGN(const std::shared_ptr<Task> task, ref.task());
  return absl::StrFormat("%08x\n", task->personality);
}

ErrnoOr<std::string> ShowTimerSlack(const PidRef& ref) {
  FL_ASSIGN(const std::shared_ptr<Task> task, ref.task());
  return absl::StrCat(task->timer_slack_ns, "\n");
}

// mpol_to_str(), on a machine with one node.
std::string PolicyText(const Task& task) {
  static constexpr absl::string_view kModes[] = {"default",
                                                 "prefer",
                                                 "bind",
                                                 "interleave",
                                                 "local",
                                                 "prefer (many)",
                                                 "weighted interleave"};
  constexpr unsigned kStatic = 1 << 15, kRelative = 1 << 14;
  const unsigned mode = task.mempolicy_mode & 0xff;
  std::string text(kModes[mode]);
  if (mode != 0) {
    absl::StrAppend(&text,
                    (task.mempolicy_mode & kStatic) != 0     ? "=static"
                    : (task.mempolicy_mode & kRelative) != 0 ? "=relative"
                                                             : "",
                    task.mempolicy_nodes != 0 ? ":0" : "");
  }
  return text;
}
ErrnoOr<std::string> ShowNumaMaps(const PidRef& ref) {
  const ErrnoOr<std::shared_ptr<Task>> task = ref.task();
  const ErrnoOr<Memory> mm = ref.mm();
  return task.ok() && mm.ok() ? mm::RenderNumaMaps(**mm, PolicyText(**task))
                              : std::string();
}

ErrnoOr<Done> StoreClearRefs(const PidRef& ref, absl::string_view text) {
  constexpr size_t kMaxDigits = 12;  // PROC_NUMBUF
  int what;
  if (!absl::SimpleAtoi(absl::StripAsciiWhitespace(text.substr(0, kMaxDigits)),
                        &what) ||
      what < int(mm::ClearRefs::kAll) ||
      what > int(mm::ClearRefs::kHiwaterRss)) {
    return Errno::kEINVAL;
  }
  const ErrnoOr<Memory> mm = ref.mm();
  return mm.ok() ? mm::ClearReferences(**mm, mm::ClearRefs(what))
                 : ErrnoOr<Done>(kDone);
}

ErrnoOr<std::string> ShowCgroup(const PidRef&) { return std::string("0::/\n"); }

ErrnoOr<std::string> ShowIdMap(const PidRef&) {
  return std::string("         0          0 4294967295\n");
}

constexpr PidTextFile kTexts[] = {
    {"maps", 0444, OfMemory<mm::RenderMaps>, nullptr},
    {"smaps", 0444, OfMemory<mm::RenderSmaps>, nullptr},
    {"smaps_rollup", 0444, OfMemory<mm::RenderSmapsRollup>, nullptr},
    {"status", 0444, ShowPidStatus, nullptr},
    {"stat", 0444, ShowPidStat, nullptr},
    {"statm", 0444, ShowStatm, nullptr},
    {"cmdline", 0444, OfMemory<RenderCmdline>, nullptr},
    {"environ", 0400, OfMemory<RenderEnviron>, nullptr},
    {"comm", 0644, ShowComm, StoreComm},
    {"auxv", 0400, ShowAuxv, nullptr},
    {"limits", 0444, ShowPidLimits, nullptr},
    {"oom_score", 0444, ShowOomScore, nullptr},
    {"oom_score_adj", 0644, ShowOomScoreAdj, StoreOomScoreAdj},
    {"wchan", 0444, ShowWchan, nullptr},
    {"personality", 0400, ShowPersonality, nullptr},
    {"timerslack_ns", 0666, ShowTimerSlack, nullptr},
    {"cgroup", 0444, ShowCgroup, nullptr},
    {"mounts", 0444, ShowMounts, nullptr},
    {"mountinfo", 0444, ShowMountInfo, nullptr},
    {"uid_map", 0644, ShowIdMap, nullptr},
    {"gid_map", 0644, ShowIdMap, nullptr},
    {"clear_refs", 0200, nullptr, StoreClearRefs},
    {"numa_maps", 0444, ShowNumaMaps, nullptr},
};

}  // namespace

absl::Span<const PidTextFile> PidTexts() { return kTexts; }

}  // namespace faultline::os
