#include "plugin/api/symbol_table.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace faultline::api {
namespace {

// This test program itself.
extern "C" __attribute__((noinline, used)) int FunctionToFind(int x) {
  return x * 3;
}

uint64_t LinkedAt(const SymbolTable& table, const void* address) {
  if (!table.position_independent()) {
    return uint64_t(uintptr_t(address));
  }
  const std::string program = std::filesystem::read_symlink("/proc/self/exe");
  std::ifstream maps("/proc/self/maps");
  std::string line;
  while (std::getline(maps, line) && !line.ends_with(program)) {
  }
  return uint64_t(uintptr_t(address)) - std::stoull(line, nullptr, 16) +
         table.first_page();
}

TEST(SymbolTableTest, NamesAFunctionFromItsFirstByteToItsLast) {
  const SymbolTable table("/proc/self/exe");
  const uint64_t at =
      LinkedAt(table, reinterpret_cast<const void*>(&FunctionToFind));
  EXPECT_STREQ(table.NameAt(at), "FunctionToFind");
  EXPECT_STREQ(table.NameAt(at + 1), "FunctionToFind");
  const char* const before = table.NameAt(at - 1);
  EXPECT_TRUE(before == nullptr || std::string(before) != "FunctionToFind");
}

TEST(SymbolTableTest, AFileThatIsNoneHasNone) {
  EXPECT_EQ(SymbolTable("/dev/null").NameAt(0x1000), nullptr);
  EXPECT_EQ(SymbolTable("/no/such/file").NameAt(0x1000), nullptr);
}

}  // namespace
}  // namespace faultline::api
