// The auxiliary vector describes the program truly.
// Covers: plugin/linux/loader/loader.cc plugin/linux/loader/map_image.cc
#include <elf.h>
#include <sys/auxv.h>

#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(int argc, char** argv, char** envp) {
  (void)argc, (void)argv;
  while (*envp) envp++;
  Elf64_auxv_t* auxv = (Elf64_auxv_t*)(envp + 1);
  int count = 0;
  while (auxv[count].a_type != AT_NULL) count++;
  CHECK(count > 10);
  CHECK_EQ(getauxval(AT_PAGESZ), kPage);
  CHECK_EQ(getauxval(AT_UID), getuid());
  CHECK_EQ(getauxval(AT_EGID), getegid());
  CHECK_EQ(getauxval(AT_SECURE), 0);
  CHECK_EQ(getauxval(AT_CLKTCK), sysconf(_SC_CLK_TCK));
  Ok("page size, ids, clock ticks");

  Elf64_Phdr* headers = (Elf64_Phdr*)getauxval(AT_PHDR);
  CHECK_EQ(getauxval(AT_PHENT), sizeof *headers);
  bool loads = false;
  for (unsigned i = 0; i < getauxval(AT_PHNUM); i++)
    loads |= headers[i].p_type == PT_LOAD && headers[i].p_flags & PF_X;
  CHECK(loads);
  struct MapsLine line;
  CHECK(FindMap((void*)getauxval(AT_ENTRY), &line));
  CHECK_EQ(line.perms[2], 'x');
  Ok("program headers and entry");

  char* platform = (char*)getauxval(AT_PLATFORM);
#if defined(__x86_64__)
  CHECK_EQ(strcmp(platform, "x86_64"), 0);
#elif defined(__aarch64__)
  CHECK_EQ(strcmp(platform, "aarch64"), 0);
#endif
  char* random = (char*)getauxval(AT_RANDOM);
  CHECK(random != NULL && memcmp(random, "\0\0\0\0\0\0\0\0", 8) != 0);
  CHECK(strstr((char*)getauxval(AT_EXECFN), "execve_auxv") != NULL);
  Ok("platform, random bytes, file name");
}
