#include "tests/bench/cases.h"

#include <unistd.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "tests/bench/explore_cases.h"
#include "tests/bench/plugin_case.h"
#include "tests/bench/sweep_case.h"

namespace faultline::bench {
namespace {

// Goals, as ratios of cost.
constexpr double kComputeAgainstBare = 1 / 0.97;
constexpr double kFaultAgainstNative = 1.5;
constexpr double kRangeAgainstNative = 2.0;
constexpr double kUserfaultAgainstNative = 1.0;
constexpr double kHelloAgainstQemu = 1.0;
constexpr double kTaggedAgainstUntagged = 1 / 0.95;
constexpr double kMixedTagsAgainstQemu = 1.0;
// What does not depend on a size at all; the rest is the machine's noise.
constexpr double kNoGrowth = 1.25;

struct Arch {
  const char* name;  // as in guests/ARCH
  const char* qemu;
  bool native;
};

#ifdef __x86_64__
constexpr bool kHostIsX86 = true;
#else
constexpr bool kHostIsX86 = false;
#endif

constexpr Arch kArchs[] = {
    {"x86_64", "/usr/bin/qemu-x86_64-static", kHostIsX86},
    {"arm64", "/usr/bin/qemu-aarch64-static", !kHostIsX86},
};

// Builds the contestants of one guest program.
class Guest {
 public:
  Guest(const std::string& tree, const Arch& arch, std::string program)
      : tree_(tree),
        arch_(arch),
        program_(absl::StrCat(tree, "/guests/", arch.name, "/",
                              std::move(program))) {}

  // The arguments of the full and the base run; no base if `base` is empty.
  Guest& Args(Command full, Command base, double operations) {
    full_ = std::move(full);
    base_ = std::move(base);
    operations_ = operations;
    return *this;
  }

  // Options of `faultline run`.
  Guest& Options(Command options) {
    options_ = std::move(options);
    return *this;
  }

  Contestant Faultline() const {
    Command command = {tree_ + "/faultline", "run"};
    command.insert(command.end(), options_.begin(), options_.end());
    return Make("faultline", command);
  }
  Contestant Bare() const {
    return Make("bare Unicorn", {tree_ + "/bare_unicorn"});
  }
  Contestant Native() const { return Make("native", {}); }
  Contestant Qemu() const { return Make("QEMU user mode", {arch_.qemu}); }

  bool HasNative() const { return arch_.native; }
  bool HasQemu() const { return access(arch_.qemu, X_OK) == 0; }

 private:
  Contestant Make(std::string name, const Command& prefix) const {
    auto with = [&](const Command& args) {
      Command command = prefix;
      command.push_back(program_);
      command.insert(command.end(), args.begin(), args.end());
      return command;
    };
    return {std::move(name), with(full_),
            base_.empty() ? Command{} : with(base_), operations_};
  }

  const std::string& tree_;
  const Arch& arch_;
  std::string program_;
  Command full_;
  Command base_;
  Command options_;
  double operations_ = 1;
};

void AddCompute(const std::string& tree, const Arch& arch,
                std::vector<Group>& groups) {
  Guest guest(tree, arch, "compute");
  Group group = {"Translated code",
                 absl::StrCat("compute loop, ", arch.name),
                 Group::Kind::kAgainst,
                 guest.Faultline(),
                 {{guest.Bare(), kComputeAgainstBare}}};
  if (guest.HasQemu()) {
    group.rivals.push_back({guest.Qemu(), std::nullopt});
  }
  groups.push_back(std::move(group));
}

void AddHello(const std::string& tree, const Arch& arch,
              std::vector<Group>& groups) {
  Guest guest(tree, arch, "hello");
  Group group = {"Start to end",
                 absl::StrCat("hello, ", arch.name),
                 Group::Kind::kAgainst,
                 guest.Faultline(),
                 {}};
  if (guest.HasQemu()) {
    group.rivals.push_back({guest.Qemu(), kHelloAgainstQemu});
  }
  groups.push_back(std::move(group));
}

// PAGES ROUNDS TOUCHED: with and without the touching.
void AddFault(const std::string& tree, const Arch& arch,
              const std::string& program, const std::string& what, double goal,
              std::vector<Group>& groups) {
  constexpr int kPages = 10000;
  constexpr int kRounds = 20;
  Guest guest(tree, arch, program);
  guest.Args(
      {absl::StrCat(kPages), absl::StrCat(kRounds), absl::StrCat(kPages)},
      {absl::StrCat(kPages), absl::StrCat(kRounds), "0"},
      double{kPages} * kRounds);
  Group group = {"Faults, a page",
                 absl::StrCat(what, ", ", arch.name),
                 Group::Kind::kAgainst,
                 guest.Faultline(),
                 {}};
  if (guest.HasNative()) {
    group.rivals.push_back({guest.Native(), goal});
  }
  if (guest.HasQemu()) {
    group.rivals.push_back({guest.Qemu(), std::nullopt});
  }
  groups.push_back(std::move(group));
}

// ROUNDS rounds over huge pages, REGIONS of them, with and without what is
// measured.
void AddHuge(const std::string& tree, const Arch& arch,
             const std::string& program, const std::string& what,
             std::vector<Group>& groups) {
  constexpr int kRegions = 64;
  constexpr int kRounds = 50;
  Guest guest(tree, arch, program);
  guest.Args(
      {absl::StrCat(kRegions), absl::StrCat(kRounds), absl::StrCat(kRegions)},
      {absl::StrCat(kRegions), absl::StrCat(kRounds), "0"},
      double{kRegions} * kRounds);
  Group group = {"Huge pages, 2 MiB",
                 absl::StrCat(what, ", ", arch.name),
                 Group::Kind::kAgainst,
                 guest.Faultline(),
                 {}};
  if (guest.HasNative()) {
    group.rivals.push_back({guest.Native(), kRangeAgainstNative});
  }
  groups.push_back(std::move(group));
}

// Walks over memory with tags, a round of 1024 objects and 8 accesses to each.
Guest TagGuest(const std::string& tree, const Arch& arch, const char* mode,
               int rounds) {
  Guest guest(tree, arch, "tagged");
  guest.Args({mode, absl::StrCat(rounds)}, {mode, "0"}, rounds);
  return guest;
}

void AddTags(const std::string& tree, const Arch& arch,
             std::vector<Group>& groups) {
  constexpr int kRounds = 50'000, kMixedRounds = 2'000;
  Contestant untagged = TagGuest(tree, arch, "untagged", kRounds).Faultline();
  untagged.name = "without tags";
  groups.push_back({"Memory tags",
                    "a tag for each page",
                    Group::Kind::kAgainst,
                    TagGuest(tree, arch, "uniform", kRounds).Faultline(),
                    {{untagged, kTaggedAgainstUntagged}}});
  const Guest mixed = TagGuest(tree, arch, "mixed", kMixedRounds);
  Group group = {"Memory tags",
                 "a tag for each object of 64 bytes",
                 Group::Kind::kAgainst,
                 mixed.Faultline(),
                 {}};
  if (mixed.HasQemu()) {
    group.rivals.push_back({mixed.Qemu(), kMixedTagsAgainstQemu});
  }
  groups.push_back(std::move(group));
}

// A system call that copies, against the program's own memcpy().
void AddCopies(const std::string& tree, const Arch& arch, int bytes,
               const std::string& what, std::vector<Group>& groups) {
  const int rounds = bytes >= 1 << 20 ? 2'000 : 100'000;
  const auto guest = [&](const char* how) {
    Guest g(tree, arch, "copies");
    g.Args({how, absl::StrCat(bytes), absl::StrCat(rounds)},
           {how, absl::StrCat(bytes), "0"}, rounds);
    return g;
  };
  Contestant memcpy = guest("memcpy").Faultline();
  memcpy.name = "memcpy() in the guest";
  Group group = {"Kernel copies",
                 absl::StrCat("pread of ", what, ", ", arch.name),
                 Group::Kind::kAgainst,
                 guest("call").Faultline(),
                 {{memcpy, std::nullopt}}};
  if (guest("call").HasNative()) {
    group.rivals.push_back({guest("call").Native(), std::nullopt});
  }
  groups.push_back(std::move(group));
}

constexpr int kPagesOfGiB = 262'144;
constexpr int kRangeRounds = 41;
constexpr int kRangeBaseRounds = 1;

Guest RangeGuest(const std::string& tree, const Arch& arch,
                 const std::string& program, int pages, const char* memory) {
  Guest guest(tree, arch, program);
  guest.Options({"--mem", memory})
      .Args({absl::StrCat(pages), absl::StrCat(kRangeRounds)},
            {absl::StrCat(pages), absl::StrCat(kRangeBaseRounds)},
            kRangeRounds - kRangeBaseRounds);
  return guest;
}

// What a call costs that goes over 1 GiB of pages present.
void AddRange(const std::string& tree, const Arch& arch,
              const std::string& program, const std::string& what,
              std::vector<Group>& groups) {
  const Guest guest = RangeGuest(tree, arch, program, kPagesOfGiB, "3G");
  Group group = {"1 GiB of pages present",
                 absl::StrCat(what, ", ", arch.name),
                 Group::Kind::kAgainst,
                 guest.Faultline(),
                 {}};
  if (guest.HasNative()) {
    group.rivals.push_back({guest.Native(), kRangeAgainstNative});
  }
  groups.push_back(std::move(group));
}

// The same pages in a small and in a large machine.
void AddMemorySizes(const std::string& tree, const Arch& arch,
                    const std::string& program, const std::string& what,
                    std::vector<Group>& groups) {
  Group group = {"1 GiB of pages present",
                 absl::StrCat(what, ", by the machine's size, ", arch.name),
                 Group::Kind::kGrowth,
                 {},
                 {}};
  for (const char* memory : {"2G", "16G"}) {
    Contestant contestant =
        RangeGuest(tree, arch, program, kPagesOfGiB, memory).Faultline();
    contestant.name = absl::StrCat("--mem ", memory);
    if (group.first.name.empty()) {
      group.first = contestant;
    } else {
      group.rivals.push_back({contestant, kNoGrowth});
    }
  }
  groups.push_back(std::move(group));
}

// Cost of one operation at each size; the goal is growth like log(size).
void AddGrowth(const std::string& tree, const Arch& arch,
               const std::string& program, const std::string& what,
               const std::string& unit, const std::vector<int>& sizes,
               const Command& more_args, std::vector<Group>& groups) {
  constexpr int kRounds = 1000;
  constexpr int kBaseRounds = 200;
  constexpr double kOperationsPerRound = 100;
  Guest guest(tree, arch, program);
  Group group = {"Growth",
                 absl::StrCat(what, ", ", arch.name),
                 Group::Kind::kGrowth,
                 {},
                 {}};
  for (int size : sizes) {
    Command full = {absl::StrCat(size), absl::StrCat(kRounds)};
    Command base = {absl::StrCat(size), absl::StrCat(kBaseRounds)};
    full.insert(full.end(), more_args.begin(), more_args.end());
    base.insert(base.end(), more_args.begin(), more_args.end());
    guest.Args(full, base, (kRounds - kBaseRounds) * kOperationsPerRound);
    Contestant contestant = guest.Faultline();
    contestant.name = absl::StrCat(size, " ", unit);
    if (size == sizes.front()) {
      group.first = contestant;
    } else {
      double goal = std::log(size) / std::log(sizes.front());
      group.rivals.push_back({contestant, goal});
    }
  }
  groups.push_back(std::move(group));
}

}  // namespace

std::vector<Group> Cases(const std::string& tree) {
  const std::vector<int> pages = {100, 10'000, 1'000'000};
  const std::vector<int> vmas = {10, 1'000, 60'000};
  std::vector<Group> groups;
  for (const Arch& arch : kArchs) {
    AddCompute(tree, arch, groups);
  }
  for (const Arch& arch : kArchs) {
    AddHello(tree, arch, groups);
  }
  for (const Arch& arch : kArchs) {
    AddFault(tree, arch, "fault_zero", "demand-zero fault", kFaultAgainstNative,
             groups);
    AddFault(tree, arch, "fault_cow", "copy-on-write fault",
             kFaultAgainstNative, groups);
    AddFault(tree, arch, "uffd_missing", "userfault, missing, there and back",
             kUserfaultAgainstNative, groups);
    AddFault(tree, arch, "uffd_wp", "userfault, protected, there and back",
             kUserfaultAgainstNative, groups);
  }
  for (const Arch& arch : kArchs) {
    AddHuge(tree, arch, "thp_fault", "fault", groups);
    AddHuge(tree, arch, "thp_collapse", "collapse", groups);
    AddHuge(tree, arch, "thp_split", "split", groups);
  }
  for (const Arch& arch : kArchs) {
    AddRange(tree, arch, "protect", "mprotect there and back", groups);
    AddRange(tree, arch, "fork_resident", "fork", groups);
    AddRange(tree, arch, "uffd_protect", "UFFDIO_WRITEPROTECT there and back",
             groups);
  }
  AddTags(tree, kArchs[1], groups);
  for (const Arch& arch : kArchs) {
    AddPlugins(tree, arch.name, groups);
  }
  for (const Arch& arch : kArchs) {
    AddCopies(tree, arch, 4096, "4 KiB", groups);
    AddCopies(tree, arch, 1 << 20, "1 MiB", groups);
  }
  for (const Arch& host : kArchs) {
    if (host.native) {
      AddSweep(tree, host.name, groups);
      AddExploring(tree, absl::StrCat(tree, "/guests/", host.name), groups);
    }
  }
  const Arch& arch = kArchs[0];
  AddMemorySizes(tree, arch, "protect", "mprotect there and back", groups);
  AddMemorySizes(tree, arch, "fork_resident", "fork", groups);
  AddGrowth(tree, arch, "scale_pages", "write fault and DONTNEED",
            "pages present", pages, {}, groups);
  AddGrowth(tree, arch, "scale_vmas", "write fault and DONTNEED", "VMAs", vmas,
            {"fault"}, groups);
  AddGrowth(tree, arch, "scale_vmas", "mmap anywhere and munmap", "VMAs", vmas,
            {"map"}, groups);
  AddGrowth(tree, arch, "scale_vmas", "mmap in a gap and munmap", "VMAs", vmas,
            {"fixed"}, groups);
  return groups;
}

}  // namespace faultline::bench
