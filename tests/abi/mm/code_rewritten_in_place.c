// Code that is overwritten runs in its new form: by a store, through another
// mapping of the same page, by pread into it, and after its page was replaced.
#include "tests/abi/code.h"
#include "tests/abi/memory.h"

int main(void) {
  const int kAll = kReadWrite | PROT_EXEC;
  char* page = Island(1, kAll);
  for (unsigned i = 1; i <= 5; i++) {
    WriteReturnConstant(page, i);
    CHECK_EQ(((Function)page)(), i);
  }
  Ok("by a store");

  int file = LetterFile(1);
  char* writer = MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED, file, 0));
  char* runner =
      MUST(mmap(NULL, kPage, PROT_READ | PROT_EXEC, MAP_SHARED, file, 0));
  for (unsigned i = 11; i <= 15; i++) {
    WriteReturnConstant(writer, i);
    __builtin___clear_cache(runner, runner + kFunctionBytes);
    CHECK_EQ(((Function)runner)(), i);
  }
  Ok("through another mapping");

  char code[kFunctionBytes];
  for (unsigned i = 21; i <= 25; i++) {
    WriteReturnConstant(code, i);
    CHECK_EQ(pwrite(file, code, sizeof code, 0), sizeof code);
    __builtin___clear_cache(runner, runner + kFunctionBytes);
    CHECK_EQ(((Function)runner)(), i);
    CHECK_EQ(pread(file, page, sizeof code, 0), sizeof code);
    __builtin___clear_cache(page, page + kFunctionBytes);
    CHECK_EQ(((Function)page)(), i);
  }
  Ok("by write to the file and read into the page");

  for (unsigned i = 31; i <= 35; i++) {
    MUST(mmap(page, kPage, kAll, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
              0));
    WriteReturnConstant(page, i);
    CHECK_EQ(((Function)page)(), i);
  }
  Ok("after the page was replaced");
}
