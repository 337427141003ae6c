// FUTEX_WAKE_OP changes the second word and wakes there if it compares.
// Covers: plugin/linux/futex/wake_op.cc
#include "tests/abi/task/futex.h"

int main(void) {
  unsigned words[2] = {0, 5};
  unsigned operation = FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5);
  CHECK_EQ(Futex(&words[0], FUTEX_WAKE_OP, 1, (void*)1, &words[1], operation),
           0);
  CHECK_EQ(words[1], 8);
  operation = FUTEX_OP(FUTEX_OP_SET, 9, FUTEX_OP_CMP_GT, 100);
  CHECK_EQ(Futex(&words[0], FUTEX_WAKE_OP, 1, (void*)1, &words[1], operation),
           0);
  CHECK_EQ(words[1], 9);
  Ok("the operation is done");
}
