#include "plugin/api/symbol_table.h"

#include <gtest/gtest.h>

#include <fstream>

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
  std::ifstream maps("/proc/self/maps");
  uint64_t base = 0;
  maps >> std::hex >> base;  // the program comes first
  return uint64_t(uintptr_t(address)) - base + table.first_page();
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
