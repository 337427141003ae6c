#include "plugin/inject/symbols.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace faultline::inject {
namespace {

// An ELF file of headers and a symbol table alone.
class File {
 public:
  explicit File(uint16_t type) { header_.e_type = type; }
  File& Symbol(const std::string& name, uint64_t value, uint64_t size,
               unsigned char type = STT_FUNC, uint16_t section = 1) {
    Elf64_Sym s{};
    s.st_name = uint32_t(names_.size());
    s.st_info = ELF64_ST_INFO(STB_GLOBAL, type);
    s.st_shndx = section;
    s.st_value = value;
    s.st_size = size;
    symbols_.push_back(s);
    names_ += name + '\0';
    return *this;
  }
  std::string Build() {
    Elf64_Ehdr h = header_;
    std::memcpy(h.e_ident, ELFMAG, SELFMAG);
    h.e_ident[EI_CLASS] = ELFCLASS64;
    h.e_phoff = sizeof h;
    h.e_phnum = 1;
    Elf64_Phdr p{};
    p.p_type = PT_LOAD;
    p.p_vaddr = 0x1234;
    Elf64_Shdr sections[3] = {};
    h.e_shoff = sizeof h + sizeof p;
    h.e_shnum = 3;
    const size_t data = h.e_shoff + sizeof sections;
    const size_t bytes = symbols_.size() * sizeof(Elf64_Sym);
    sections[1].sh_type = SHT_SYMTAB;
    sections[1].sh_offset = data;
    sections[1].sh_size = bytes;
    sections[1].sh_link = 2;
    sections[2].sh_type = SHT_STRTAB;
    sections[2].sh_offset = data + bytes;
    sections[2].sh_size = names_.size();
    std::string out;
    const auto add = [&out](const void* at, size_t n) {
      out.append(static_cast<const char*>(at), n);
    };
    add(&h, sizeof h);
    add(&p, sizeof p);
    add(sections, sizeof sections);
    add(symbols_.data(), bytes);
    return out + names_;
  }

 private:
  Elf64_Ehdr header_{};
  std::vector<Elf64_Sym> symbols_;
  std::string names_;
};

std::optional<Symbol> Find(const std::string& file, std::string_view name) {
  return FindSymbol(
      {reinterpret_cast<const std::byte*>(file.data()), file.size()}, name);
}

TEST(SymbolsTest, FunctionsAreFoundByTheirWholeName) {
  const std::string file = File(ET_EXEC)
                               .Symbol("main", 0x1000, 0x20)
                               .Symbol("mainly", 0x2000, 0x10)
                               .Build();
  const auto found = Find(file, "main");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->range.start, 0x1000u);
  EXPECT_EQ(found->range.end, 0x1020u);
  EXPECT_FALSE(found->position_independent);
  EXPECT_FALSE(Find(file, "mai").has_value());
  EXPECT_FALSE(Find(file, "other").has_value());
}

TEST(SymbolsTest, DataAndWhatIsElsewhereAreNotFunctions) {
  const std::string file = File(ET_EXEC)
                               .Symbol("data", 0x1000, 8, STT_OBJECT)
                               .Symbol("puts", 0, 0, STT_FUNC, SHN_UNDEF)
                               .Build();
  EXPECT_FALSE(Find(file, "data").has_value());
  EXPECT_FALSE(Find(file, "puts").has_value());
}

TEST(SymbolsTest, WithoutASizeItReachesToTheNext) {
  const std::string file = File(ET_DYN)
                               .Symbol("start", 0x100, 0, STT_NOTYPE)
                               .Symbol("far", 0x900, 0)
                               .Symbol("near", 0x180, 0)
                               .Build();
  const auto found = Find(file, "start");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->range.end, 0x180u);
  EXPECT_TRUE(found->position_independent);
  EXPECT_EQ(found->first_page, 0x1000u);
}

TEST(SymbolsTest, AllFunctionsAreListedByAddress) {
  const std::string file = File(ET_DYN)
                               .Symbol("second", 0x2000, 0x10)
                               .Symbol("data", 0x1800, 8, STT_OBJECT)
                               .Symbol("first", 0x1000, 0x20)
                               .Symbol("sizeless", 0x3000, 0)
                               .Build();
  const FunctionTable all = ListFunctions(
      {reinterpret_cast<const std::byte*>(file.data()), file.size()});
  ASSERT_EQ(all.functions.size(), 3u);
  EXPECT_EQ(all.functions[0].name, "first");
  EXPECT_EQ(all.functions[0].range.end, 0x1020u);
  EXPECT_EQ(all.functions[1].name, "second");
  EXPECT_EQ(all.functions[2].name, "sizeless");
  EXPECT_EQ(all.functions[2].range.start, all.functions[2].range.end);
  EXPECT_TRUE(all.position_independent);
  EXPECT_EQ(all.first_page, 0x1000u);
  EXPECT_TRUE(ListFunctions({}).functions.empty());
}

TEST(SymbolsTest, BrokenFilesHaveNone) {
  const std::string file = File(ET_EXEC).Symbol("main", 1, 2).Build();
  for (size_t n = 0; n + 5 < file.size(); ++n) {
    EXPECT_FALSE(Find(file.substr(0, n), "main").has_value()) << n;
  }
  for (size_t n = 0; n < file.size(); ++n) {
    std::string changed = file;
    changed[n] = char(0xff);
    (void)Find(changed, "main");  // whatever it says, it comes back
    (void)ListFunctions(
        {reinterpret_cast<const std::byte*>(changed.data()), changed.size()});
  }
}

}  // namespace
}  // namespace faultline::inject
