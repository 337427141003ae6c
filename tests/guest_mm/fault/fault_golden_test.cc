// Every kind of place, access and mode, and what the fault handler answers:
// one golden table an architecture. A difference is a change of behaviour that
// guests see.
// Covers: guest_mm/fault/fault.cc

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_format.h"
#include "arch_arm64/arch_ops.h"
#include "arch_x86/arch_ops.h"
#include "tests/guest_mm/testing/test_machine.h"

namespace faultline::mm {
namespace {

struct Place {
  const char* name;
  uint64_t address;
};

constexpr uint64_t kPage = 0x1000;
constexpr Place kPlaces[] = {
    {"null", 0},
    {"hole", 0x10000000},
    {"anon ---", 0x20000000},
    {"anon r--", 0x20100000},
    {"anon -w-", 0x20200000},
    {"anon rw-", 0x20300000},
    {"anon --x", 0x20400000},
    {"anon r-x", 0x20500000},
    {"anon rwx", 0x20600000},
    {"private file rw-", 0x30000000},
    {"shared file rw-", 0x30100000},
    {"shared file r--", 0x30200000},
    {"shmem rw-", 0x30300000},
    {"file beyond end", 0x30400000 + 4 * kPage},
    {"stack", 0x40000000},
    {"below stack", 0x40000000 - 3 * kPage},
    {"stack guard gap", 0x38000000 + 2 * kPage},
    {"below limit", 0x40000000 - (9ull << 20)},
    {"poison marker", 0x50000000},
    {"guard marker", 0x50000000 + kPage},
    {"kernel address", 0xffff800000000000},
};

void Build(TestMachine& m, AddressSpace& mm) {
  for (unsigned prot : {0u, 1u, 2u, 3u, 4u, 5u, 7u}) {
    static constexpr uint64_t kAt[] = {0x20000000, 0x20100000, 0x20200000,
                                       0x20300000, 0x20400000, 0x20500000,
                                       0,          0x20600000};
    m.Map(mm, kAt[prot], kPage, Prot(prot));
  }
  const std::string bytes(2 * kPage, 'f');
  const auto regular = m.NewFile(Mapping::Kind::kRegular, bytes);
  const auto shmem = m.NewFile(Mapping::Kind::kShmem, bytes);
  m.Map(mm, 0x30000000, kPage, Prot::RW(), {}, regular);
  m.Map(mm, 0x30100000, kPage, Prot::RW(), VmaFlag::kShared, regular);
  m.Map(mm, 0x30200000, kPage, Prot::R(), VmaFlag::kShared, regular);
  m.Map(mm, 0x30300000, kPage, Prot::RW(), VmaFlag::kShared, shmem);
  m.Map(mm, 0x30400000, 8 * kPage, Prot::RW(), VmaFlag::kShared, shmem);
  // A stack with room below, and one close above other memory.
  m.Map(mm, 0x40000000, 4 * kPage, Prot::RW(), VmaFlag::kGrowsDown);
  m.Map(mm, 0x38000000, kPage, Prot::RW());
  m.Map(mm, 0x38000000 + 10 * kPage, kPage, Prot::RW(), VmaFlag::kGrowsDown);
  m.Map(mm, 0x50000000, 2 * kPage, Prot::RW());
  PageTable& table = mm.page_table();
  table.Set(table.FindOrAllocate(GuestAddr(0x50000000), 0).value(),
            Entry::Marker(kMarkerPoison));
  table.Set(table.FindOrAllocate(GuestAddr(0x50000000 + kPage), 0).value(),
            Entry::Marker(kMarkerGuard));
}

// A fresh machine for each cell: outcomes must not depend on order.
std::string Cell(const ArchOps& ops, const Place& place, Access access,
                 Mode mode) {
  TestMachine m(ops);
  AddressSpace& mm = m.NewSpace();
  Build(m, mm);
  const auto kind = m.Touch(mm, GuestAddr(place.address), access, mode);
  // The marker entries are not pages that exit could free: take them out.
  for (Vma& v : mm.vmas()) {
    ZapRange(mm, v, v.range, Markers::kDrop);
  }
  return ToString(kind);
}

std::string Table(const ArchOps& ops) {
  std::string out = absl::StrFormat("\n%-18s%-14s%-14s%-14s%s\n", "", "read",
                                    "write", "exec", "kernel write");
  for (const Place& p : kPlaces) {
    out += absl::StrFormat("%-18s%-14s%-14s%-14s%s\n", p.name,
                           Cell(ops, p, Access::kRead, Mode::kUser),
                           Cell(ops, p, Access::kWrite, Mode::kUser),
                           Cell(ops, p, Access::kExec, Mode::kUser),
                           Cell(ops, p, Access::kWrite, Mode::kKernel));
  }
  return out;
}

constexpr char kGolden[] = R"(
                  read          write         exec          kernel write
null              bad-area      bad-area      bad-area      kernel-fixup
hole              bad-area      bad-area      bad-area      kernel-fixup
anon ---          access-error  access-error  access-error  kernel-fixup
anon r--          done          access-error  access-error  kernel-fixup
anon -w-          done          done          access-error  done
anon rw-          done          done          access-error  done
anon --x          done          access-error  done          kernel-fixup
anon r-x          done          access-error  done          kernel-fixup
anon rwx          done          done          done          done
private file rw-  done          done          access-error  done
shared file rw-   done          done          access-error  done
shared file r--   done          access-error  access-error  kernel-fixup
shmem rw-         done          done          access-error  done
file beyond end   bus-error     bus-error     access-error  kernel-fixup
stack             done          done          access-error  done
below stack       done          done          access-error  done
stack guard gap   bad-area      bad-area      bad-area      kernel-fixup
below limit       bad-area      bad-area      bad-area      kernel-fixup
poison marker     hwpoison      hwpoison      access-error  kernel-fixup
guard marker      bad-area      bad-area      access-error  kernel-fixup
kernel address    bad-area      bad-area      bad-area      kernel-fixup
)";

TEST(FaultGoldenTest, X86AnswersAsLinuxDoes) {
  EXPECT_EQ(Table(x86::Ops()), kGolden);
}

TEST(FaultGoldenTest, Arm64AnswersAsLinuxDoes) {
  EXPECT_EQ(Table(arm64::Ops()), kGolden);
}

}  // namespace
}  // namespace faultline::mm
