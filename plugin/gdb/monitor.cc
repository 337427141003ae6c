// `monitor` commands: what this machine has to say that no gdb knows to ask.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "guest_mm/sync/lock_class.h"
#include "plugin/gdb/hex.h"
#include "plugin/gdb/stub.h"
#include "plugin/inject/site_list.h"
#include "plugin/linux/report/page_walk.h"
#include "plugin/linux/report/tag_text.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::gdb {
namespace {

constexpr char kHelp[] =
    "faults               the latest page faults, and what became of them\n"
    "maps                 the process's mappings, as /proc/PID/maps\n"
    "ptdump [ADDRESS]     its page table; or the walk to one address\n"
    "tags ADDRESS         arm64: memory tags, and who set them\n"
    "actors               who is in the machine, where, and waits for what\n"
    "locks                held locks\n"
    "inject RULE          make something fail or happen, as --inject\n"
    "sites [PREFIX]       where things can, and where stops are possible\n"
    "stop                 what the machine stops at, besides gdb's own\n"
    "stop point NAME      ... at a site\n"
    "stop fault KIND      ... after a page fault: any, read, write, exec,\n"
    "                     major, done, bad-area, access-error, bus-error, ...\n"
    "stop none            ... at nothing of this\n"
    "position             where the run is, and how much can be gone back\n";

// "0x1234", "4660".
std::optional<uint64_t> ParseAddress(std::string_view text) {
  if (text.starts_with("0x")) {
    return ParseNumber(text.substr(2));
  }
  uint64_t value = 0;
  return absl::SimpleAtoi(std::string(text), &value) ? std::optional(value)
                                                     : std::nullopt;
}

std::string Locks(const mm::Scheduler& scheduler) {
  std::string out;
  for (const auto& actor : scheduler.actors()) {
    for (const mm::HeldLock& held : actor->held()) {
      absl::StrAppendFormat(
          &out, "%s has %s%s\n", actor->name(), held.lock_class->name,
          held.mode == mm::LockMode::kShared ? ", shared" : "");
    }
    if (actor->waiting_on() != nullptr &&
        actor->state() == mm::Actor::State::kWaiting) {
      absl::StrAppendFormat(&out, "%s waits for %s\n", actor->name(),
                            actor->waiting_on()->name());
    }
  }
  return out.empty() ? "no lock is held\n" : out;
}

// Those whose names begin with `prefix`.
std::string SitesOf(const std::string& prefix) {
  std::string out;
  for (const inject::SiteInfo& site : inject::Sites()) {
    if (std::string_view(site.name).starts_with(prefix)) {
      absl::StrAppendFormat(&out, "%-28s %s\n", site.name, site.what);
    }
  }
  return out.empty() ? "no such site\n" : out;
}

bool KnowsSite(std::string_view name) {
  return std::ranges::any_of(
      inject::Sites(),
      [name](const inject::SiteInfo& site) { return site.name == name; });
}

// What `monitor stop fault` may be told.
bool KnowsFault(std::string_view kind) {
  using Kind = mm::PageFaultOutcome::Kind;
  constexpr std::string_view kOthers[] = {"any", "major"};
  for (const mm::Access access :
       {mm::Access::kRead, mm::Access::kWrite, mm::Access::kExec}) {
    if (kind == mm::ToString(access)) {
      return true;
    }
  }
  for (Kind k = Kind::kDone; k <= Kind::kOutOfMemory; k = Kind(int(k) + 1)) {
    if (kind == mm::ToString(k)) {
      return true;
    }
  }
  return std::ranges::find(kOthers, kind) != std::end(kOthers);
}

}  // namespace

std::string Stub::Monitor(const std::string& command) {
  const std::vector<std::string> words =
      absl::StrSplit(command, ' ', absl::SkipEmpty());
  const std::string name = words.empty() ? "help" : words[0];
  const std::string argument = words.size() > 1 ? words[1] : "";
  const auto task =
      Find(session_.general.tid > 0 ? session_.general : session_.stopped);
  if (name == "faults") {
    std::string out;
    for (const NotedFault& fault : faults_) {
      absl::StrAppend(&out, fault.text, "\n");
    }
    return out.empty() ? "none yet\n" : out;
  }
  if (name == "actors") {
    return kernel_.scheduler().DescribeActors();
  }
  if (name == "locks") {
    return Locks(kernel_.scheduler());
  }
  if (name == "sites") {
    return SitesOf(argument);
  }
  if (name == "stop") {
    return MonitorStop(words);
  }
  if (name == "inject") {
    return MonitorInject(argument);
  }
  if (name == "position") {
    return absl::StrFormat("epoch %d, block %d, pc 0x%x; %d blocks run\n",
                           stopped_at_.epoch, stopped_at_.block, stopped_at_.pc,
                           blocks_);
  }
  if (name == "maps" || name == "ptdump" || name == "tags") {
    return task == nullptr ? "there is no such thread\n"
                           : MonitorMemory(*task, name, argument);
  }
  return name == "help"
             ? kHelp
             : absl::StrCat("monitor ", name, ": unknown; there are:\n", kHelp);
}

std::string Stub::MonitorMemory(os::Task& task, const std::string& name,
                                const std::string& argument) {
  if (name == "maps") {
    return File(absl::StrCat("/proc/", task.process().pid(), "/maps"))
        .value_or("they cannot be read here\n");
  }
  if (name == "ptdump" && argument.empty()) {
    return os::DumpPageTable(task.mm());
  }
  const auto address = ParseAddress(argument);
  if (!address.has_value()) {
    return absl::StrCat("monitor ", name, ": no address: ", argument, "\n");
  }
  if (name == "ptdump") {
    const mm::GuestAddr at(*address);
    return os::DescribeWalk(task.mm(), kernel_.memory().arch().Untag(at));
  }
  const std::string text = arch() == engine::Arch::kArm64
                               ? os::TagText(task, *address)
                               : std::string();
  return text.empty() ? "no tagged page is there\n" : text;
}

std::string Stub::MonitorInject(const std::string& rule) {
  if (inject_ == nullptr) {
    return "not in this machine\n";
  }
  if (const absl::Status s = inject_(rule); !s.ok()) {
    return std::string(s.message()) + "\n";
  }
  Record({.kind = Change::Kind::kInject, .bytes = rule});
  return "";
}

std::string Stub::MonitorStop(const std::vector<std::string>& words) {
  const std::string what = words.size() > 1 ? words[1] : "";
  const std::string name = words.size() > 2 ? words[2] : "";
  if (what == "none") {
    session_.stop_points.clear();
    session_.stop_faults.clear();
  } else if (what == "fault" && !name.empty()) {
    if (!KnowsFault(name)) {
      return absl::StrCat(name, ": there is no such fault (monitor help)\n");
    }
    session_.stop_faults.insert(name);
  } else if (what == "point" && !name.empty()) {
    if (!KnowsSite(name)) {
      return absl::StrCat(name, ": there is no such site (monitor sites)\n");
    }
    session_.stop_points.insert(name);
    CountPoints();
  } else if (!what.empty()) {
    return "monitor stop [point NAME | fault KIND | none]\n";
  }
  std::string out;
  for (const std::string& site : session_.stop_points) {
    absl::StrAppend(&out, "at ", site, "\n");
  }
  for (const std::string& kind : session_.stop_faults) {
    absl::StrAppend(&out, "after a fault: ", kind, "\n");
  }
  return out.empty() ? "at nothing\n" : out;
}

}  // namespace faultline::gdb
