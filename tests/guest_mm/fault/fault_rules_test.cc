// How each architecture's handler judges the same faults: one golden table,
// made by the generic handler on one machine with the rules of each.

#include "guest_mm/fault/fault_rules.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_format.h"
#include "arch_arm64/arch_ops.h"
#include "arch_x86/arch_ops.h"
#include "guest_mm/fault/arch_with_policy.h"
#include "tests/guest_mm/testing/test_machine.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kPage = 0x1000, kBase = 0x10000000;

struct Situation {
  uint64_t address;
  Access access;
};
constexpr Situation kSituations[] = {
    {kBase, Access::kRead},                    // write-only memory
    {kBase + 0x10000, Access::kRead},          // code that cannot be read
    {kBase + 0x20000, Access::kExec},          // memory that is not code
    {0x1000, Access::kRead},                   // the second page of all
    {kBase + 0x800000, Access::kWrite},        // a page below a stack
    {kBase + 0x50000, Access::kRead},          // a guard
    {kBase + 0x50000 + kPage, Access::kRead},  // poison
};

// Three letters for each answer, "BUG" if Linux had that.
std::string Answer(const FaultPolicy& policy, const Situation& s) {
  const ArchWithPolicy arch(x86::Ops(), policy);
  TestMachine m(arch);
  std::string bug;
  m.system().set_bug_handler([&bug](std::string_view) { bug = "BUG"; });
  AddressSpace& mm = m.NewSpace();
  m.Map(mm, kBase, kPage, Prot::W());
  m.Map(mm, kBase + 0x10000, kPage, Prot::X());
  m.Map(mm, kBase + 0x20000, kPage, Prot::R());
  m.Map(mm, 0x1000, kPage, Prot::RW());
  m.Map(mm, kBase + 0x800000 + kPage, kPage, Prot::RW(), VmaFlag::kGrowsDown);
  Vma& marked = m.Map(mm, kBase + 0x50000, 2 * kPage, Prot::RW());
  PageTable& table = mm.page_table();
  for (const uint64_t i : {0, 1}) {
    table.Set(table.FindOrAllocate(marked.range.start + i * kPage, 0).value(),
              Entry::Marker(i == 0 ? kMarkerGuard : kMarkerPoison));
  }
  const auto outcome =
      HandlePageFault(mm, {.address = GuestAddr(s.address),
                           .access = s.access,
                           .sp = GuestAddr(s.address + kPage)});
  ZapRange(mm, marked, marked.range, Markers::kDrop);
  using Kind = PageFaultOutcome::Kind;
  return !bug.empty()                         ? bug
         : outcome.kind == Kind::kDone        ? "yes"
         : outcome.kind == Kind::kBadArea     ? "map"
         : outcome.kind == Kind::kAccessError ? "acc"
         : outcome.kind == Kind::kBusError    ? "bus"
         : outcome.kind == Kind::kHwPoison    ? "poi"
                                              : "?";
}

std::string Row(const FaultPolicy& policy) {
  std::string row;
  for (const Situation& s : kSituations) {
    row += " " + Answer(policy, s);
  }
  return row + (policy.kill_returns ? " loops\n" : " ends\n");
}

// Write-only, exec-only, no code, low, below the stack, guard, poison; and what
// becomes of a copy whose thread is killed.
constexpr char kGolden[] = R"(
alpha        0.0   yes acc acc yes yes acc BUG loops
alpha        6.3   yes acc acc yes yes acc BUG ends
arc          0.0   acc acc acc yes yes map map ends
arm          0.0   yes yes acc map yes map map ends
arm64        0.0   yes yes acc yes yes map poi ends
arm64+epan   5.13  yes acc acc yes yes map poi ends
csky         0.0   yes yes yes yes yes acc BUG loops
csky         5.12  yes yes yes yes yes BUG BUG ends
hexagon      0.0   acc acc acc yes yes acc acc loops
hexagon      6.3   acc acc acc yes yes acc acc ends
ia64         0.0   yes acc acc yes yes acc BUG loops
ia64         6.3   yes acc acc yes yes acc BUG ends
loongarch    0.0   yes acc acc yes yes acc bus ends
m68k         0.0   yes yes yes yes map BUG BUG loops
m68k         3.19  yes yes yes yes map map BUG loops
m68k         6.3   yes yes yes yes map map BUG ends
microblaze   0.0   acc yes yes yes yes acc BUG loops
microblaze   6.3   acc yes yes yes yes acc BUG ends
mips         0.0   acc acc acc yes yes acc BUG ends
nios2        0.0   acc acc acc yes yes acc BUG loops
nios2        6.3   acc acc acc yes yes acc BUG ends
openrisc     0.0   acc yes acc yes yes acc BUG loops
openrisc     6.3   acc yes acc yes yes acc BUG ends
parisc       0.0   acc acc acc yes yes bus poi loops
parisc       6.3   acc acc acc yes yes bus poi ends
powerpc      0.0   yes yes acc yes yes map poi ends
riscv        0.0   yes acc acc yes yes map BUG loops
riscv        6.3   yes acc acc yes yes map BUG ends
s390         0.0   yes yes acc yes yes map BUG ends
sh           0.0   yes yes acc yes yes map BUG ends
sparc        0.0   acc yes acc yes yes acc BUG loops
sparc        6.3   acc yes acc yes yes acc BUG ends
x86          0.0   yes yes acc yes yes map poi ends
xtensa       0.0   yes acc acc yes yes acc BUG ends
)";

TEST(FaultRulesTest, EveryArchitectureJudgesAsItsHandlerDoes) {
  std::string table = "\n";
  for (const FaultRule& rule : FaultRules()) {
    table += absl::StrFormat("%-13s%-5s", std::string(rule.arch),
                             ToString(rule.since)) +
             Row(rule.policy);
  }
  EXPECT_EQ(table, kGolden);
}

TEST(FaultRulesTest, OursAreOfTheTable) {
  const KernelVersion newest = Profiles().back();
  EXPECT_EQ(Row(x86::Ops().fault_policy()),
            Row(FindFaultRule("x86", newest)->policy));
  EXPECT_EQ(Row(arm64::Ops().fault_policy()),
            Row(FindFaultRule("arm64", newest)->policy));
  EXPECT_EQ(FindFaultRule("x86", newest)->policy.prefaulted_young,
            x86::Ops().fault_policy().prefaulted_young);
  EXPECT_EQ(FindFaultRule("arm64", newest)->policy.prefaulted_young,
            arm64::Ops().fault_policy().prefaulted_young);
}

TEST(FaultRulesTest, AVersionHasTheRowThatHeldInIt) {
  EXPECT_TRUE(FindFaultRule("alpha", {6, 2})->policy.kill_returns);
  EXPECT_FALSE(FindFaultRule("alpha", {6, 3})->policy.kill_returns);
  EXPECT_EQ(FindFaultRule("m68k", {5, 15})->since, (KernelVersion{3, 19}));
  EXPECT_EQ(FindFaultRule("arm64+epan", {5, 12}), nullptr);
  EXPECT_EQ(FindFaultRule("pdp11", {6, 12}), nullptr);
}

TEST(FaultRulesTest, TenArchitecturesWereCuredIn63) {
  int cured = 0;
  for (const FaultRule& rule : FaultRules()) {
    const FaultRule* const before = FindFaultRule(rule.arch, {6, 2});
    cured += rule.since == KernelVersion{6, 3} && before != nullptr &&
             before->policy.kill_returns && !rule.policy.kill_returns;
  }
  EXPECT_EQ(cured, 10);
}

}  // namespace
}  // namespace faultline::mm
