// tagging overflow | use-after-free | stack: a heap and a stack whose memory is
// tagged (arm64 MTE), and a mistake that the tags catch at its instruction.
//
//   faultline run tagging overflow
//
// The allocator gives each block a tag that its neighbours do not have, and
// another one when it is freed.

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#ifdef __aarch64__
#include <arm_acle.h>

enum { kGranule = 16, kPoolBytes = 1 << 16, kProtMte = 0x20 };
enum { kSetTaggedAddrCtrl = 55, kEnable = 1, kSync = 2 };

static char* pool;
static size_t used = kGranule;  // the first one is nobody's

static void* Tag(void* block, size_t bytes) {
  for (size_t i = 0; i < bytes; i += kGranule) {
    __arm_mte_set_tag((char*)block + i);
  }
  return block;
}

// A tag for the block that is neither its own now nor that of what lies before.
static void* Retag(char* block, size_t bytes) {
  uint64_t excluded = 1;  // what nobody has allocated
  excluded = __arm_mte_exclude_tag(__arm_mte_get_tag(block), excluded);
  excluded = __arm_mte_exclude_tag(__arm_mte_get_tag(block - 1), excluded);
  return Tag(__arm_mte_create_random_tag(block, excluded), bytes);
}

static size_t Rounded(size_t bytes) {
  return (bytes + kGranule - 1) / kGranule * kGranule;
}

static char* Allocate(size_t bytes) {
  char* const block = pool + used;
  used += Rounded(bytes);
  return Retag(block, Rounded(bytes));
}

static void Free(char* block, size_t bytes) { Retag(block, Rounded(bytes)); }

static void Overflow(void) {
  volatile char* name = Allocate(24);
  char* secret = Allocate(24);
  strcpy(secret, "not yours");
  for (int i = 0; i < 40; i++) name[i] = 'A';  // 8 bytes of slack, then secret
  printf("the secret is %s\n", secret);
}

static void UseAfterFree(void) {
  char* name = Allocate(24);
  strcpy(name, "Ada");
  Free(name, 24);
  printf("hello %s\n", name);
}

static void OnStack(void) {
  _Alignas(kGranule) char buffer[2 * kGranule];
  uintptr_t page = (uintptr_t)buffer & ~4095ul;
  mprotect((void*)page, 8192, PROT_READ | PROT_WRITE | kProtMte);
  char* tagged = Tag(__arm_mte_create_random_tag(buffer, 1), sizeof(buffer));
  for (int i = 0; i <= 2 * kGranule; i++) ((volatile char*)tagged)[i] = 'B';
  puts("the stack is overwritten");
}

int main(int argc, char** argv) {
  const char* what = argc > 1 ? argv[1] : "overflow";
  const unsigned long all_tags = 0xfffful << 3;
  if (prctl(kSetTaggedAddrCtrl, kEnable | kSync | all_tags, 0, 0, 0) != 0) {
    perror("no memory tags");
    return 1;
  }
  pool = mmap(NULL, kPoolBytes, PROT_READ | PROT_WRITE | kProtMte,
              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (strcmp(what, "overflow") == 0) {
    Overflow();
  } else if (strcmp(what, "use-after-free") == 0) {
    UseAfterFree();
  } else if (strcmp(what, "stack") == 0) {
    OnStack();
  }
  return 0;
}

#else

int main(void) {
  puts("this architecture has no memory tags");
  return 1;
}

#endif
