#include "plugin/cli/run_options.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "plugin/cli/read_file.h"
#include "plugin/linux/fs/ram_disk.h"
#include "plugin/linux/fs/vfs.h"

namespace faultline::cli {
namespace {

namespace fs = std::filesystem;

// So that a forgotten unit is noticed.
constexpr uint64_t kSmallestSwap = 1 << 20;
constexpr uint64_t kSmallestDisk = 1 << 20;

absl::Status BadUsage(std::string why) {
  return absl::InvalidArgumentError(std::move(why));
}

// HOST:GUEST[:rw].
absl::Status Bind(os::Kernel& kernel, const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  const bool rw = parts.size() == 3 && parts[2] == "rw";
  if (parts.size() < 2 || parts.size() > 3 || (parts.size() == 3 && !rw) ||
      parts[0].empty() || parts[1].empty() || parts[1][0] != '/') {
    return BadUsage(absl::StrCat("--bind ", text,
                                 ": must be HOST:/GUEST or HOST:/GUEST:rw"));
  }
  return kernel.vfs().Bind(parts[0], parts[1],
                           rw ? os::ReadOnly::kNo : os::ReadOnly::kYes);
}

absl::StatusOr<mm::BehaviourSet> Behaviours(const RunOptions& o) {
  mm::BehaviourSet set;
  if (!o.kernel.empty()) {
    auto picked = mm::BehaviourSet::ForKernel(o.kernel);
    if (!picked.ok()) {
      return picked.status();
    }
    set = *picked;
  }
  for (const std::string& assignment : o.behaviours) {
    if (absl::Status s = set.Override(assignment); !s.ok()) {
      return s;
    }
  }
  return set;
}

absl::StatusOr<engine::Paging> PagingOf(const RunOptions& o) {
  if (o.granule == "4K") {
    return o.la57 ? engine::Paging::kLa57 : engine::Paging::kUsual;
  }
  if (o.la57) {
    return BadUsage("--la57 is x86-64's, --granule arm64's");
  }
  if (o.granule == "16K") {
    return engine::Paging::kGranule16K;
  }
  if (o.granule == "64K") {
    return engine::Paging::kGranule64K;
  }
  return BadUsage(absl::StrCat("--granule ", o.granule, ": 4K, 16K or 64K"));
}

}  // namespace

uint64_t ParseSize(const std::string& text) {
  uint64_t unit = 1;
  std::string digits = text;
  if (!digits.empty()) {
    switch (digits.back()) {
      case 'G':
        unit <<= 10;
        [[fallthrough]];
      case 'M':
        unit <<= 10;
        [[fallthrough]];
      case 'K':
        unit <<= 10;
        digits.pop_back();
        break;
      default:
        break;
    }
  }
  uint64_t n = 0;
  if (!absl::SimpleAtoi(digits, &n) || n > ~uint64_t{0} / unit) {
    return 0;
  }
  return n * unit;
}

absl::StatusOr<std::string> ReadSchedule(const std::string& text) {
  constexpr std::string_view kFromFile = "replay:@", kReplay = "replay:fl";
  if (!text.starts_with(kFromFile)) {
    return text;
  }
  const std::string path = text.substr(kFromFile.size());
  const absl::StatusOr<std::string> all = ReadFile(path);
  if (!all.ok()) {
    return all.status();
  }
  const size_t at = all->rfind(kReplay);
  if (at == std::string::npos) {
    return BadUsage(
        absl::StrCat("--schedule ", text, ": there is no schedule in it"));
  }
  return all->substr(at, all->find_first_of("\" \n", at) - at);
}

absl::StatusOr<RunPaths> FindPaths(const RunOptions& options) {
  std::error_code error;
  const fs::path cwd =
      options.cwd.empty() ? fs::current_path(error) : fs::path(options.cwd);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("the current directory: ", error.message()));
  }
  const fs::path program = cwd / options.command.front();
  return RunPaths{program.lexically_normal().string(), cwd.string()};
}

absl::StatusOr<os::KernelOptions> MakeKernelOptions(const RunOptions& o) {
  os::KernelOptions options;
  auto behaviours = Behaviours(o);
  if (!behaviours.ok()) {
    return behaviours.status();
  }
  options.behaviours = *behaviours;
  auto paging = PagingOf(o);
  if (!paging.ok()) {
    return paging.status();
  }
  options.paging = *paging;
  options.memory_bytes = ParseSize(o.memory);
  if (options.memory_bytes == 0) {
    return BadUsage(absl::StrCat("--mem ", o.memory, ": not a size"));
  }
  options.swap_bytes = o.swap.empty() ? 0 : ParseSize(o.swap);
  if (!o.swap.empty() && options.swap_bytes < kSmallestSwap) {
    return BadUsage(
        absl::StrCat("--swap ", o.swap, ": not a size of 1M or more"));
  }
  auto schedule = ReadSchedule(o.schedule);
  if (!schedule.ok()) {
    return schedule.status();
  }
  options.schedule = *std::move(schedule);
  for (const std::string& set : o.sets) {
    const size_t equals = set.find('=');
    if (equals == std::string::npos || set[0] != '/') {
      return BadUsage(absl::StrCat("--set ", set, ": must be /PATH=VALUE"));
    }
    options.settings.emplace_back(set.substr(0, equals),
                                  set.substr(equals + 1));
  }
  options.seed = o.seed;
  options.uid = options.gid = o.uid;
  options.aslr = !o.no_aslr;
  options.validate = o.validate;
  return options;
}

absl::StatusOr<std::vector<std::string>> MakeEnvironment(const RunOptions& o) {
  std::vector<std::string> env = {
      "PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
      "HOME=/root", "TERM=dumb"};
  for (const std::string& e : o.env) {
    const size_t equals = e.find('=');
    if (equals == std::string::npos || equals == 0) {
      return BadUsage(absl::StrCat("--env ", e, ": must be K=V"));
    }
    const std::string key = e.substr(0, equals + 1);
    const auto same = std::find_if(
        env.begin(), env.end(),
        [&key](const std::string& old) { return old.starts_with(key); });
    if (same != env.end()) {
      *same = e;
    } else {
      env.push_back(e);
    }
  }
  return env;
}

absl::Status PrepareFiles(os::Kernel& kernel, const RunOptions& o,
                          const RunPaths& paths) {
  if (!o.disk.empty()) {
    const uint64_t bytes = ParseSize(o.disk);
    if (bytes < kSmallestDisk) {
      return BadUsage(
          absl::StrCat("--disk ", o.disk, ": not a size of 1M or more"));
    }
    if (absl::Status s = os::MountRamDisk(kernel.vfs(), bytes); !s.ok()) {
      return s;
    }
  }
  for (const std::string& bind : o.binds) {
    if (absl::Status s = Bind(kernel, bind); !s.ok()) {
      return s;
    }
  }
  if (absl::Status s =
          kernel.vfs().Bind(paths.program, paths.program, os::ReadOnly::kYes);
      !s.ok()) {
    return s;
  }
  return kernel.vfs().MakeDirs(paths.cwd);
}

}  // namespace faultline::cli
