// Combinations that make no sense are EINVAL.
// Covers: plugin/linux/task/clone_calls.cc plugin/linux/task/clone.cc
#include <linux/sched.h>

#include "tests/abi/check.h"

static long Clone3(struct clone_args* args) {
  return syscall(SYS_clone3, args, sizeof *args);
}

int main(void) {
  struct clone_args args = {.flags = CLONE_THREAD};
  CHECK_FAILS(Clone3(&args), EINVAL);
  args.flags = CLONE_SIGHAND;
  CHECK_FAILS(Clone3(&args), EINVAL);
  args.flags = CLONE_FS | CLONE_NEWNS;
  CHECK_FAILS(Clone3(&args), EINVAL);
  args = (struct clone_args){.exit_signal = 65};
  CHECK_FAILS(Clone3(&args), EINVAL);
  args = (struct clone_args){.stack_size = 4096};
  CHECK_FAILS(Clone3(&args), EINVAL);
  Ok("clone3 refuses");
  CHECK_FAILS(syscall(SYS_clone3, &args, 8), EINVAL);
  CHECK_FAILS(syscall(SYS_clone3, NULL, sizeof args), EFAULT);
  Ok("and looks at the structure's size and place");
}
