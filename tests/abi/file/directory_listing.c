// getdents64 shows each entry once, with its type and inode, "." and ".."
// among them; a small buffer is EINVAL.
// Covers: plugin/linux/fs/calls/getdents_calls.cc plugin/linux/fs/dir_file.cc
#include <dirent.h>

#include "tests/abi/file/directory.h"

int main(void) {
  EnterScratchDirectory();
  char name[16];
  for (int i = 0; i < 200; i++) {
    snprintf(name, sizeof name, "file%d", i);
    MakeFile(name, "");
  }
  MUST(mkdir("sub", 0755));
  MUST(symlink("file0", "link"));
  DIR* directory = opendir(".");
  CHECK(directory != NULL);
  int seen[200] = {0}, files = 0, others = 0;
  for (struct dirent* entry; (entry = readdir(directory)) != NULL;) {
    struct stat st;
    MUST(lstat(entry->d_name, &st));
    if (strcmp(entry->d_name, "..") != 0) CHECK_EQ(entry->d_ino, st.st_ino);
    CHECK_EQ(entry->d_type, IFTODT(st.st_mode));
    int number;
    if (sscanf(entry->d_name, "file%d", &number) == 1) {
      CHECK_EQ(seen[number]++, 0);
      files++;
    } else {
      others++;
    }
  }
  CHECK_EQ(files, 200);
  CHECK_EQ(others, 4);
  Ok("every entry once");

  rewinddir(directory);
  CHECK(readdir(directory) != NULL);
  closedir(directory);
  int fd = MUST(open(".", O_RDONLY | O_DIRECTORY));
  char small[8];
  CHECK_FAILS(syscall(SYS_getdents64, fd, small, sizeof small), EINVAL);
  int file = MUST(open("file0", O_RDONLY));
  char large[4096];
  CHECK_FAILS(syscall(SYS_getdents64, file, large, sizeof large), ENOTDIR);
  CHECK_FAILS(read(fd, small, 1), EISDIR);
  Ok("errors");
  for (int i = 0; i < 200; i++) {
    snprintf(name, sizeof name, "file%d", i);
    MUST(unlink(name));
  }
  MUST(rmdir("sub"));
  MUST(unlink("link"));
  RemoveScratchDirectory();
}
