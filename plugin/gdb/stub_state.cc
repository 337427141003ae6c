// What gdb reads of the machine, and changes.

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "guest_mm/gup/access_remote_vm.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/pgtable/tagged.h"
#include "plugin/gdb/register_set.h"
#include "plugin/gdb/stub.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/fs/caller.h"
#include "plugin/linux/fs/file.h"
#include "plugin/linux/fs/fs_context.h"
#include "plugin/linux/fs/namei.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/ptrace/ptrace_arch.h"
#include "plugin/linux/report/peek.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"

namespace faultline::gdb {
namespace {

constexpr uint64_t kGranule = mm::FrameTags::kGranule;

absl::Span<std::byte> BytesOf(std::string& text) {
  return {reinterpret_cast<std::byte*>(text.data()), text.size()};
}
absl::Span<const std::byte> BytesOf(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace

engine::Arch Stub::arch() const { return kernel_.abi().arch(); }

std::shared_ptr<os::Task> Stub::Find(ThreadId thread) const {
  std::shared_ptr<os::Task> task =
      kernel_.processes().FindTask(int(thread.tid));
  return task == nullptr || task->exited() ? nullptr : task;
}

std::shared_ptr<mm::AddressSpace> Stub::SpaceOf(int64_t pid) const {
  const auto process = kernel_.processes().FindProcess(int(pid));
  if (process == nullptr || process->threads.empty()) {
    return nullptr;
  }
  return process->threads.front()->shared.mm;
}

std::vector<ThreadId> Stub::Threads() {
  std::vector<ThreadId> all;
  for (const auto& [tid, task] : kernel_.processes().tasks()) {
    if (!task->exited() && Attached(*task)) {
      all.push_back(IdOf(*task));
    }
  }
  return all;
}

std::string Stub::ThreadName(ThreadId thread) {
  const auto task = Find(thread);
  return task == nullptr ? "" : task->comm;
}

std::optional<std::string> Stub::Registers(ThreadId thread) {
  const auto task = Find(thread);
  if (task == nullptr) {
    return std::nullopt;
  }
  const bool in_call = task->run.call_number != ~uint64_t{0};
  return PackRegisters(
      cpu().Read(*task->run.context),
      {.call = in_call ? uint64_t(os::CallNumberOf(*task)) : ~uint64_t{0},
       .tag_control = task->tagged_addr_ctrl});
}

bool Stub::SetRegisters(ThreadId thread, std::string_view bytes) {
  const Change change{.kind = Change::Kind::kRegisters,
                      .tid = thread.tid,
                      .bytes = std::string(bytes)};
  if (Find(thread) == nullptr || !WriteNow(change)) {
    return false;
  }
  Record(change);
  return true;
}

// Of what is not in memory, a copy of the process finds out what would come.
std::string Stub::Memory(int64_t pid, uint64_t address, uint64_t bytes) {
  const std::shared_ptr<mm::AddressSpace> mm = SpaceOf(pid);
  if (mm == nullptr) {
    return "";
  }
  const mm::GuestAddr at =
      kernel_.memory().arch().Untag(mm::GuestAddr(address));
  std::string read(bytes, '\0');
  size_t got = os::PeekUser(*mm, at.value(), BytesOf(read));
  if (got < bytes && mm->vmas().Find(at + got) != nullptr) {
    const auto rest = Aside([&]() -> std::optional<std::string> {
      std::string more(bytes - got, '\0');
      more.resize(mm::ReadRemoteVm(*mm, at + got, BytesOf(more),
                                   mm::RemoteRights::kIgnored));
      return more;
    });
    if (rest.has_value()) {
      read.replace(got, rest->size(), *rest);
      got += rest->size();
    }
  }
  read.resize(got);
  return read;
}

bool Stub::SetMemory(int64_t pid, uint64_t address, std::string_view bytes) {
  const Change change{.kind = Change::Kind::kMemory,
                      .pid = pid,
                      .address = address,
                      .bytes = std::string(bytes)};
  if (!WriteNow(change)) {
    return false;
  }
  Record(change);
  return true;
}

std::optional<std::string> Stub::Tags(int64_t pid, uint64_t address,
                                      uint64_t bytes) {
  const std::shared_ptr<mm::AddressSpace> mm = SpaceOf(pid);
  if (mm == nullptr || arch() != engine::Arch::kArm64) {
    return std::nullopt;
  }
  const mm::GuestAddr at =
      kernel_.memory().arch().Untag(mm::GuestAddr(address));
  const uint64_t first = at.value() & ~(kGranule - 1);
  std::string tags;
  for (uint64_t a = first; a < at.value() + std::max<uint64_t>(bytes, 1);
       a += kGranule) {
    const auto there = mm::TaggedAt(mm->page_table(), mm::GuestAddr(a));
    const mm::Vma* const vma = mm->vmas().Find(mm::GuestAddr(a));
    if (!there.has_value() &&
        (vma == nullptr || !vma->has(mm::VmaFlag::kMte))) {
      return std::nullopt;
    }
    // A page that is not there yet will have no tags but zero.
    tags += there.has_value() ? char(kernel_.memory().phys().tags().Get(*there))
                              : '\0';
  }
  return tags;
}

bool Stub::SetTags(int64_t pid, uint64_t address, std::string_view tags) {
  const Change change{.kind = Change::Kind::kTags,
                      .pid = pid,
                      .address = address,
                      .bytes = std::string(tags)};
  if (!WriteNow(change)) {
    return false;
  }
  Record(change);
  return true;
}

// The change, made. Where it cannot be made whole, nothing is.
bool Stub::WriteNow(const Change& change) {
  switch (change.kind) {
    case Change::Kind::kRegisters: {
      const auto task = Find({.pid = 0, .tid = change.tid});
      if (task == nullptr) {
        return false;
      }
      engine::RegisterFile regs = cpu().Read(*task->run.context);
      if (!UnpackRegisters(change.bytes, &regs)) {
        return false;
      }
      cpu().Write(*task->run.context, regs);
      return true;
    }
    case Change::Kind::kMemory: {
      const std::shared_ptr<mm::AddressSpace> mm = SpaceOf(change.pid);
      // It may wait for mmap_lock; at a schedule point who is stopped may have
      // it.
      if (mm == nullptr || mm::Scheduler::Current() == nullptr || at_point()) {
        return false;
      }
      const size_t written = mm::WriteRemoteVm(
          *mm, kernel_.memory().arch().Untag(mm::GuestAddr(change.address)),
          BytesOf(std::string_view(change.bytes)), mm::RemoteRights::kIgnored);
      if (stopped_task_ != nullptr) {
        os::LoadTask(*stopped_task_);
      }
      return written == change.bytes.size();
    }
    case Change::Kind::kTags: {
      const std::shared_ptr<mm::AddressSpace> mm = SpaceOf(change.pid);
      const mm::GuestAddr at =
          kernel_.memory().arch().Untag(mm::GuestAddr(change.address));
      std::vector<mm::PhysAddr> granules;
      for (size_t i = 0; mm != nullptr && i < change.bytes.size(); ++i) {
        if (auto there = mm::TaggedAt(mm->page_table(), at + i * kGranule)) {
          granules.push_back(*there);
        }
      }
      if (granules.size() != change.bytes.size()) {
        return false;
      }
      mm::PhysMem& phys = kernel_.memory().phys();
      for (size_t i = 0; i < granules.size(); ++i) {
        phys.tags().Set(granules[i], uint8_t(change.bytes[i]) & 0xf);
        kernel_.cpu().TagsChanged(
            mm::Pfn(granules[i].value() >> phys.page_shift().value()));
      }
      return true;
    }
    case Change::Kind::kSiginfo:
      if (signal_ == nullptr || change.bytes.size() != sizeof *signal_) {
        return false;
      }
      std::memcpy(signal_, change.bytes.data(), sizeof *signal_);
      return true;
    case Change::Kind::kInject:
      return inject_ != nullptr && inject_(change.bytes).ok();
    case Change::Kind::kSignal:
      break;
  }
  return false;
}

std::optional<std::string> Stub::Auxv(int64_t pid) {
  const auto process = kernel_.processes().FindProcess(int(pid));
  if (process == nullptr) {
    return std::nullopt;
  }
  std::string bytes;
  const auto put = [&bytes](uint64_t word) {
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  };
  for (const auto& [key, value] : process->aux) {
    put(key);
    put(value);
  }
  if (process->aux.empty() || process->aux.back().first != 0) {
    put(0);
    put(0);
  }
  return bytes;
}

std::string Stub::ExecFile(int64_t pid) {
  const auto process = kernel_.processes().FindProcess(int(pid));
  return process == nullptr ? "" : process->exe_path;
}

std::optional<std::string> Stub::Siginfo() {
  if (signal_ == nullptr) {
    return std::nullopt;
  }
  return std::string(reinterpret_cast<const char*>(signal_), sizeof *signal_);
}

bool Stub::SetSiginfo(std::string_view bytes) {
  const Change change{.kind = Change::Kind::kSiginfo,
                      .bytes = std::string(bytes)};
  if (!WriteNow(change)) {
    return false;
  }
  Record(change);
  return true;
}

// Reading a file changes the machine (its page cache at least).
std::optional<std::string> Stub::File(const std::string& path) {
  constexpr size_t kMost = size_t{256} << 20;
  const auto last = Find(session_.stopped);
  os::Task* const task = stopped_task_ != nullptr ? stopped_task_ : last.get();
  if (task == nullptr) {
    return std::nullopt;
  }
  return Aside([&]() -> std::optional<std::string> {
    const os::Caller caller{task->cred(), task->fs(), task};
    const auto file =
        os::OpenPath(kernel_.vfs(), caller, kernel_.vfs().root(), path, {});
    if (!file.ok()) {
      return std::nullopt;
    }
    std::string all;
    std::string piece(size_t{1} << 16, '\0');
    while (all.size() < kMost) {
      const ErrnoOr<uint64_t> n = (*file)->Read(*task, BytesOf(piece));
      if (!n.ok() || *n == 0) {
        break;
      }
      all.append(piece, 0, *n);
    }
    return all;
  });
}

std::optional<std::string> Stub::Aside(
    const std::function<std::optional<std::string>()>& look) {
  constexpr unsigned kMostSeconds = 5;
  int ends[2];
  if (mm::Scheduler::Current() == nullptr ||
      socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return std::nullopt;
  }
  const pid_t child = fork();
  if (child == 0) {
    alarm(kMostSeconds);
    // A lock may be held that it needs; then nothing can be seen.
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    (void)dup2(nowhere, STDERR_FILENO);
    console_.Mute();
    kernel_.set_observer(nullptr);
    kernel_.set_debugger(nullptr);
    const auto found = look();
    std::string all = found.has_value() ? "y" + *found : "n";
    for (size_t at = 0; at < all.size();) {
      const ssize_t n = write(ends[1], all.data() + at, all.size() - at);
      if (n <= 0) {
        break;
      }
      at += size_t(n);
    }
    _exit(0);
  }
  close(ends[1]);
  std::string all;
  char bytes[4096];
  for (ssize_t n = 1; child > 0 && n > 0;) {
    n = read(ends[0], bytes, sizeof bytes);
    if (n > 0) {
      all.append(bytes, size_t(n));
    }
  }
  close(ends[0]);
  return all.empty() || all[0] != 'y' ? std::nullopt
                                      : std::optional(all.substr(1));
}

bool Stub::SetPoints() {
  std::vector<uint64_t> breaks;
  std::vector<engine::CpuDebug::Watch> watches;
  for (const Point& p : session_.points) {
    if (p.breaks()) {
      breaks.push_back(p.address);
    } else {
      watches.push_back({.start = p.address,
                         .bytes = p.bytes,
                         .loads = p.type != PointType::kWriteWatch,
                         .stores = p.type != PointType::kReadWatch});
    }
  }
  cpu().SetBreakpoints(std::move(breaks));
  return cpu().SetWatches(std::move(watches)).ok();
}

void Stub::Detach(int64_t pid) {
  session_.attached.erase(pid);
  std::erase_if(session_.points,
                [pid](const Point& p) { return p.pid == pid; });
  (void)SetPoints();
}

}  // namespace faultline::gdb
