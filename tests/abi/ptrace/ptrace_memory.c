// Words of a traced thread's memory, whatever its mappings allow; what is
// private and read-only is copied for a write.
// Covers: plugin/linux/ptrace/sys_ptrace.cc

#include "tests/abi/memory.h"
#include "tests/abi/ptrace.h"

static char* area;
static int memfd;

static long Peek(pid_t pid, void* at) {
  errno = 0;
  long word = ptrace(PTRACE_PEEKDATA, pid, at, 0);
  if (word == -1 && errno != 0) FAIL("cannot peek");
  return word;
}

// The address at which the child is to look is in its first word.
static void Look(void) {
  raise(SIGUSR1);
  _exit(*(volatile int*)area == 0x01020304 ? 7 : 8);
}

__attribute__((noinline, aligned(64))) static int Answer(void) {
  __asm__ volatile("");
  return 41;
}

static void Call(void) {
  if (Answer() != 41) _exit(1);
  raise(SIGUSR1);
  _exit(Answer());
}

static void Data(void) {
  area = MUST(mmap(NULL, 4 * kPage, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  memset(area, 'a', kPage);
  MUST(mprotect(area, kPage, PROT_READ));
  MUST(mprotect(area + kPage, kPage, PROT_NONE));
  MUST(munmap(area + 2 * kPage, kPage));
  pid_t pid = Traced(Look);
  CHECK_EQ(Peek(pid, area), 0x6161616161616161);
  CHECK_EQ(Peek(pid, area + 3), 0x6161616161616161);
  REQUEST(PTRACE_POKEDATA, pid, area, 0x6161616101020304);
  CHECK_EQ(area[0], 'a');  // it was copied
  CHECK_EQ(Peek(pid, area), 0x6161616101020304);
  REQUEST(PTRACE_POKETEXT, pid, area + kPage, 5l);
  CHECK_EQ(Peek(pid, area + kPage), 5);
  CHECK_EQ(Peek(pid, area + kPage - 4), 0x0000000561616161);
  CHECK_FAILS(ptrace(PTRACE_PEEKDATA, pid, area + 2 * kPage, 0), EIO);
  CHECK_FAILS(ptrace(PTRACE_PEEKDATA, pid, area + 2 * kPage - 4, 0), EIO);
  CHECK_FAILS(ptrace(PTRACE_POKEDATA, pid, area + 2 * kPage, 0), EIO);
  CHECK_FAILS(ptrace(PTRACE_PEEKDATA, pid, 0, 0), EIO);
  CHECK_FAILS(ptrace(PTRACE_PEEKDATA, pid, -8l, 0), EIO);
  // The word that cannot be put where the caller wants it.
  CHECK_EQ(syscall(SYS_ptrace, PTRACE_PEEKDATA, pid, area, 16), -1);
  CHECK_EQ(errno, EFAULT);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Stop(SIGUSR1));
  Go(pid, 0);
  CHECK_EQ(Next(pid), Exited(7));
  Ok("private memory, whatever its rights");
}

static void Shared(void) {
  memfd = MUST(memfd_create("shared", 0));
  MUST(ftruncate(memfd, kPage));
  int read_only = MUST(open("/proc/self/exe", O_RDONLY));
  (void)read_only;
  area = MUST(mmap(NULL, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0));
  char* seen = MUST(mmap(NULL, kPage, PROT_READ, MAP_SHARED, memfd, 0));
  strcpy(area, "shared");
  pid_t pid = Traced(Look);
  REQUEST(PTRACE_POKEDATA, pid, area, 0x0000000001020304);
  CHECK_EQ(*(int*)area, 0x01020304);
  CHECK_FAILS(ptrace(PTRACE_POKEDATA, pid, seen, 0), EIO);
  CHECK_EQ(Peek(pid, seen), 0x0000000001020304);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Stop(SIGUSR1));
  Go(pid, 0);
  CHECK_EQ(Next(pid), Exited(7));
  Ok("shared memory is written to where it may be");
}

// The number 41 in Answer() becomes 42.
static void Code(void) {
  pid_t pid = Traced(Call);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Stop(SIGUSR1));
  char* const code = (char*)(void*)Answer;
  bool found = false;
  for (int i = 0; i < 32 && !found; i += 4) {
    unsigned long word = (unsigned long)Peek(pid, code + i);
#ifdef __x86_64__
    for (int b = 0; b < 4; ++b) {
      if ((word >> (8 * b) & 0xffffffffff) == 0x29b8) {  // mov eax, 41
        word += 1ul << (8 * b + 8);
        found = true;
        break;
      }
    }
#else
    if ((uint32_t)word == 0x52800520) {  // mov w0, 41
      word += 1 << 5;
      found = true;
    }
#endif
    if (found) REQUEST(PTRACE_POKETEXT, pid, code + i, word);
  }
  CHECK(found);
  Go(pid, 0);
  CHECK_EQ(Next(pid), Exited(42));
  CHECK_EQ(Answer(), 41);
  Ok("code that has run already");
}

int main(void) {
  Data();
  Shared();
  Code();
  return 0;
}
