// After a fork each side may rewrite its code without the other noticing.
#include "tests/abi/code.h"
#include "tests/abi/memory.h"

static char* g_page;

static void Child(void) {
  CHECK_EQ(((Function)g_page)(), 1);
  WriteReturnConstant(g_page, 2);
  CHECK_EQ(((Function)g_page)(), 2);
}

int main(void) {
  g_page = Island(1, kReadWrite | PROT_EXEC);
  WriteReturnConstant(g_page, 1);
  CHECK_EQ(((Function)g_page)(), 1);
  for (int i = 0; i < 3; i++) {
    CHECK_EQ(RunChild(Child), 0);
    CHECK_EQ(((Function)g_page)(), 1);
  }
  Ok("the parent's code is its own");
}
