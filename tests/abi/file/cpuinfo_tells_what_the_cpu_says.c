// /proc/cpuinfo's flags are those that the processor itself, or on arm64 the
// auxiliary vector, tells of: programs choose their loops by either.
// Covers: plugin/linux/fs/proc/machine_text.cc plugin/engine/x86_port.cc
#include <sys/auxv.h>

#include "tests/abi/check.h"

static char g_text[1 << 16];

static bool HasWord(const char* line, const char* word) {
  size_t n = strlen(word);
  const char* end = strchr(line, '\n');
  for (const char* at = line; (at = strstr(at, word)) != NULL && at < end;
       at += n) {
    if (at[-1] == ' ' && (at[n] == ' ' || at[n] == '\n')) return true;
  }
  return false;
}

static void Compare(const char* line, const char* word, bool has) {
  if (HasWord(line, word) != has)
    FAIL("%s: the processor has it: %d; cpuinfo says otherwise", word, has);
}

#ifdef __x86_64__
#include <cpuid.h>

struct Flag {
  uint32_t leaf;
  char where;  // 'c': ECX, 'd': EDX
  int bit;
  const char* word;
};

// Those that kernels take over as they are, and neither disable nor make up.
static const struct Flag kFlags[] = {
    {1, 'd', 0, "fpu"},
    {1, 'd', 4, "tsc"},
    {1, 'd', 8, "cx8"},
    {1, 'd', 15, "cmov"},
    {1, 'd', 23, "mmx"},
    {1, 'd', 24, "fxsr"},
    {1, 'd', 25, "sse"},
    {1, 'd', 26, "sse2"},
    {1, 'c', 0, "pni"},
    {1, 'c', 1, "pclmulqdq"},
    {1, 'c', 9, "ssse3"},
    {1, 'c', 12, "fma"},
    {1, 'c', 13, "cx16"},
    {1, 'c', 19, "sse4_1"},
    {1, 'c', 20, "sse4_2"},
    {1, 'c', 22, "movbe"},
    {1, 'c', 23, "popcnt"},
    {1, 'c', 25, "aes"},
    {1, 'c', 26, "xsave"},
    {1, 'c', 28, "avx"},
    {1, 'c', 29, "f16c"},
    {1, 'c', 31, "hypervisor"},
    {0x80000001, 'd', 11, "syscall"},
    {0x80000001, 'd', 20, "nx"},
    {0x80000001, 'd', 26, "pdpe1gb"},
    {0x80000001, 'd', 27, "rdtscp"},
    {0x80000001, 'd', 29, "lm"},
    {0x80000001, 'c', 0, "lahf_lm"},
};

static void CompareAll(const char* line) {
  for (size_t i = 0; i < sizeof kFlags / sizeof *kFlags; ++i) {
    uint32_t a, b, c, d;
    CHECK(__get_cpuid(kFlags[i].leaf, &a, &b, &c, &d));
    Compare(line, kFlags[i].word,
            ((kFlags[i].where == 'c' ? c : d) >> kFlags[i].bit & 1) != 0);
  }
  uint32_t a, b, c, d;
  CHECK(__get_cpuid_count(7, 0, &a, &b, &c, &d));
  Compare(line, "la57", (c >> 16 & 1) != 0);
  // Software is told of RDRAND by one and may be denied it by the other.
  CHECK(__get_cpuid(1, &a, &b, &c, &d));
  if (HasWord(line, "rdrand")) CHECK((c >> 30 & 1) != 0);
  char vendor[64], family[64];
  uint32_t name[3];
  CHECK(__get_cpuid(0, &a, &name[0], &name[2], &name[1]));
  snprintf(vendor, sizeof vendor, "vendor_id\t: %.12s\n", (char*)name);
  CHECK(strstr(g_text, vendor) != NULL);
  CHECK(__get_cpuid(1, &a, &b, &c, &d));
  uint32_t base = a >> 8 & 15;
  snprintf(family, sizeof family, "cpu family\t: %u\n",
           base == 15 ? 15 + (a >> 20 & 255) : base);
  CHECK(strstr(g_text, family) != NULL);
}
#define FLAGS "flags\t\t:"
#else
static void CompareAll(const char* line) {
  static const char* const kNames[] = {"fp",      "asimd", "evtstrm", "aes",
                                       "pmull",   "sha1",  "sha2",    "crc32",
                                       "atomics", "fphp",  "asimdhp", "cpuid"};
  for (int i = 0; i < (int)(sizeof kNames / sizeof *kNames); ++i)
    Compare(line, kNames[i], (getauxval(AT_HWCAP) >> i & 1) != 0);
}
#define FLAGS "Features\t:"
#endif

int main(void) {
  int fd = MUST(open("/proc/cpuinfo", O_RDONLY));
  ssize_t total = 0, n;
  while ((n = MUST(read(fd, g_text + total, sizeof g_text - 1 - total))) > 0)
    total += n;
  const char* line = strstr(g_text, FLAGS);
  CHECK(line != NULL);
  CompareAll(line);
  Ok("the same");
}
