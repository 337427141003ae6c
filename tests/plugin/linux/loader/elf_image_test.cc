#include "plugin/linux/loader/elf_image.h"

#include <elf.h>

#include <cstring>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "plugin/linux/loader/load_error.h"
#include "tests/plugin/linux/loader/elf_bytes.h"

namespace faultline::os {
namespace {

using ::testing::HasSubstr;

// A small program: a header, program headers, `tail` bytes of contents.
struct Builder {
  Elf64_Ehdr header{};
  std::vector<Elf64_Phdr> table;
  std::string interpreter;

  Builder() {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_type = ET_EXEC;
    header.e_machine = EM_X86_64;
    header.e_entry = 0x400100;
    header.e_phoff = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    AddLoad(0x400000, 0, 0x2000, 0x2000, PF_R | PF_X);
    AddLoad(0x403000, 0x2000, 0x800, 0x3000, PF_R | PF_W);
  }
  void AddLoad(uint64_t vaddr, uint64_t offset, uint64_t file, uint64_t memory,
               uint32_t flags) {
    table.push_back(LoadSegment(flags, offset, vaddr, file, memory));
  }
  std::string Bytes() {
    header.e_phnum = uint16_t(table.size());
    std::string out(0x3000, '\0');
    std::memcpy(out.data(), &header, sizeof header);
    std::memcpy(out.data() + sizeof header, table.data(),
                table.size() * sizeof(Elf64_Phdr));
    return out;
  }
};

constexpr ElfDemands kDemands{EM_X86_64, 4096, 0x7ffffffff000};

absl::StatusOr<ElfImage> Parse(std::string bytes) {
  return ParseElf(StringSource(std::move(bytes)), kDemands);
}

void ExpectRefused(std::string bytes, Errno error, const char* why) {
  const auto image = Parse(std::move(bytes));
  ASSERT_FALSE(image.ok());
  EXPECT_EQ(ErrnoOf(image.status()), error);
  EXPECT_THAT(std::string(image.status().message()), HasSubstr(why));
}

TEST(ElfImageTest, TellsSegmentsEntryAndHeaders) {
  const auto image = Parse(Builder().Bytes());
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_FALSE(image->position_independent);
  EXPECT_EQ(image->entry, 0x400100u);
  EXPECT_EQ(image->program_headers, 0x400000u + sizeof(Elf64_Ehdr));
  ASSERT_EQ(image->segments.size(), 2u);
  EXPECT_EQ(image->segments[1].memory_end(), 0x406000u);
  EXPECT_EQ(image->segments[1].prot, mm::Prot::RW());
  EXPECT_EQ(image->end_page(4096), 0x406000u);
}

TEST(ElfImageTest, SortsSegmentsByAddress) {
  Builder b;
  std::swap(b.table[0], b.table[1]);
  const auto image = Parse(b.Bytes());
  ASSERT_TRUE(image.ok());
  EXPECT_EQ(image->segments[0].vaddr, 0x400000u);
}

TEST(ElfImageTest, TextIsNotAnElfFile) {
  ExpectRefused("hello\n", Errno::kENOEXEC, "not an ELF file");
  ExpectRefused("", Errno::kENOEXEC, "not an ELF file");
}

TEST(ElfImageTest, TruncationIsNoticedAtEveryLength) {
  const std::string whole = Builder().Bytes();
  // Contents reach to 0x2800; everything shorter lacks something.
  for (size_t n = 0; n < 0x2800; n += n < 256 ? 1 : 97) {
    EXPECT_FALSE(Parse(whole.substr(0, n)).ok()) << n << " bytes";
  }
  EXPECT_TRUE(Parse(whole.substr(0, 0x2800)).ok());
  ExpectRefused(whole.substr(0, 30), Errno::kENOEXEC, "truncated");
}

TEST(ElfImageTest, OtherMachinesProgramsAreNamed) {
  Builder b;
  b.header.e_machine = EM_AARCH64;
  ExpectRefused(b.Bytes(), Errno::kENOEXEC,
                "built for arm64, the machine is x86-64");
}

TEST(ElfImageTest, ThirtyTwoBitProgramsAreRefused) {
  Builder b;
  b.header.e_ident[EI_CLASS] = ELFCLASS32;
  ExpectRefused(b.Bytes(), Errno::kENOEXEC, "32-bit");
}

TEST(ElfImageTest, ObjectFilesAreRefused) {
  Builder b;
  b.header.e_type = ET_REL;
  ExpectRefused(b.Bytes(), Errno::kENOEXEC, "object file");
}

TEST(ElfImageTest, BigEndianIsRefused) {
  Builder b;
  b.header.e_ident[EI_DATA] = ELFDATA2MSB;
  ExpectRefused(b.Bytes(), Errno::kENOEXEC, "little-endian");
}

TEST(ElfImageTest, OverlappingSegmentsAreRefused) {
  Builder b;
  b.table[1].p_vaddr = 0x401000;
  b.table[1].p_offset = 0x2000;
  ExpectRefused(b.Bytes(), Errno::kEINVAL, "overlap at 0x401000");
}

TEST(ElfImageTest, SegmentsBeyondUserSpaceAreRefused) {
  Builder b;
  b.table[1].p_vaddr = 0xffffffffffff0000;
  ExpectRefused(b.Bytes(), Errno::kENOMEM, "beyond user space");
  b.table[1].p_vaddr = 0x403000;
  b.table[1].p_memsz = ~uint64_t{0};
  ExpectRefused(b.Bytes(), Errno::kENOMEM, "beyond user space");
}

TEST(ElfImageTest, MoreFileThanMemoryIsRefused) {
  Builder b;
  b.table[1].p_memsz = 0x100;
  ExpectRefused(b.Bytes(), Errno::kEINVAL, "more bytes in the file");
}

TEST(ElfImageTest, AddressAndOffsetMustAgreeModuloThePage) {
  Builder b;
  b.table[1].p_vaddr += 8;
  ExpectRefused(b.Bytes(), Errno::kEINVAL, "disagree");
}

TEST(ElfImageTest, NothingToLoadIsRefused) {
  Builder b;
  b.table[0].p_type = b.table[1].p_type = PT_NULL;
  ExpectRefused(b.Bytes(), Errno::kEINVAL, "nothing to load");
}

TEST(ElfImageTest, WrongProgramHeaderSizeIsRefused) {
  Builder b;
  b.header.e_phentsize = 32;
  ExpectRefused(b.Bytes(), Errno::kENOEXEC, "program header");
}

TEST(ElfImageTest, TellsItsInterpreterAndStackRights) {
  Builder b;
  Elf64_Phdr interp{};
  interp.p_type = PT_INTERP;
  interp.p_offset = 0x200;
  interp.p_filesz = 8;
  b.table.push_back(interp);
  Elf64_Phdr stack{};
  stack.p_type = PT_GNU_STACK;
  stack.p_flags = PF_R | PF_W | PF_X;
  b.table.push_back(stack);
  std::string bytes = b.Bytes();
  bytes.replace(0x200, 8, std::string("/lib/ld\0", 8));
  const auto image = Parse(bytes);
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->interpreter, "/lib/ld");
  EXPECT_TRUE(image->executable_stack);
}

TEST(ElfImageTest, InterpreterNamesMustEndInNul) {
  Builder b;
  Elf64_Phdr interp{};
  interp.p_type = PT_INTERP;
  interp.p_offset = 0x200;
  interp.p_filesz = 4;
  b.table.push_back(interp);
  std::string bytes = b.Bytes();
  bytes.replace(0x200, 8, "abcdefgh");
  ExpectRefused(bytes, Errno::kENOEXEC, "interpreter");
}

}  // namespace
}  // namespace faultline::os
