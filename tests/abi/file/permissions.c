// Modes bind everyone but root; chown clears set-uid; access asks for the real
// user.
// Covers: plugin/linux/fs/calls/access_calls.cc
// Covers: plugin/linux/fs/calls/attr_calls.cc
#include "tests/abi/file/directory.h"

static void AsUser(void) {
  MUST(setresuid(65534, 65534, 65534));
  CHECK_FAILS(open("secret", O_RDONLY), EACCES);
  CHECK_FAILS(access("secret", R_OK), EACCES);
  CHECK_FAILS(chmod("secret", 0777), EPERM);
  CHECK_FAILS(open("new", O_CREAT | O_WRONLY, 0644), EACCES);
  CHECK_FAILS(unlink("public"), EACCES);
  MUST(close(MUST(open("public", O_RDONLY))));
  CHECK_FAILS(open("public", O_WRONLY), EACCES);
  CHECK_FAILS(open("closed/x", O_RDONLY), EACCES);
}

int main(void) {
  EnterScratchDirectory();
  umask(0);
  MUST(chmod(".", 0755));
  MakeFile("secret", "s");
  MakeFile("public", "p");
  MUST(chmod("secret", 0600));
  MUST(mkdir("closed", 0700));
  MakeFile("closed/x", "");
  CHECK_EQ(RunChild(AsUser), 0);
  Ok("another user is refused");
  MUST(close(MUST(open("secret", O_RDWR))));
  MUST(chmod("secret", 0));
  MUST(close(MUST(open("secret", O_RDWR))));
  CHECK_FAILS(access("secret", X_OK), EACCES);
  Ok("root is not, but a file nobody may execute is not executable");
  struct stat st;
  MUST(chmod("public", 06755));
  MUST(chown("public", 12, 34));
  MUST(stat("public", &st));
  CHECK(st.st_uid == 12 && st.st_gid == 34);
  CHECK_EQ(st.st_mode & 07777, 0755);
  Ok("chown");
  MUST(unlink("closed/x"));
  MUST(rmdir("closed"));
  MUST(unlink("secret"));
  MUST(unlink("public"));
  RemoveScratchDirectory();
}
