// What cannot be executed, and why; the caller goes on unharmed.
// Covers: plugin/linux/task/exec.cc plugin/linux/loader/loader.cc
// Covers: plugin/linux/loader/map_image.cc
#include "tests/abi/check.h"

static char g_directory[] = "/tmp/exec.XXXXXX";

static void Make(const char* name, const char* text, mode_t mode) {
  int fd = MUST(open(name, O_CREAT | O_WRONLY, 0600));
  CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
  MUST(fchmod(fd, mode));
  close(fd);
}

int main(int argc, char** argv) {
  if (argc == 3) {  // the script's interpreter: this program, "x", the script
    CHECK_EQ(strcmp(argv[1], "an argument"), 0);
    CHECK_EQ(strcmp(argv[2], "./script"), 0);
    Ok("a script runs its interpreter with one argument");
    return 0;
  }
  char self[512] = {0}, line[600];
  MUST(readlink("/proc/self/exe", self, sizeof self - 1));
  CHECK(mkdtemp(g_directory) != NULL);
  MUST(chdir(g_directory));
  char* args[] = {"name", NULL};
  Make("plain", "neither program nor script", 0644);
  Make("text", "neither program nor script", 0755);
  Make("empty", "", 0755);
  Make("dangling", "#!/no/such/interpreter\n", 0755);
  snprintf(line, sizeof line, "#!%s an argument\n", self);
  Make("script", line, 0755);
  CHECK_FAILS(execve("missing", args, NULL), ENOENT);
  CHECK_FAILS(execve("plain/x", args, NULL), ENOTDIR);
  CHECK_FAILS(execve("plain", args, NULL), EACCES);
  CHECK_FAILS(execve(".", args, NULL), EACCES);
  CHECK_FAILS(execve("text", args, NULL), ENOEXEC);
  CHECK_FAILS(execve("empty", args, NULL), ENOEXEC);
  CHECK_FAILS(execve("dangling", args, NULL), ENOENT);
  CHECK_FAILS(syscall(SYS_execve, self, 8, NULL), EFAULT);
  Ok("errors");
  if (MUST(fork()) == 0) {
    execve("./script", args, NULL);
    FAIL("script");
  }
  int status;
  MUST(wait(&status));
  CHECK_EQ(status, 0);
  const char* names[] = {"plain", "text", "empty", "dangling", "script"};
  for (int i = 0; i < 5; i++) MUST(unlink(names[i]));
  MUST(rmdir(g_directory));
}
