// Runs random programs of loads, stores and tag instructions, and prints what
// each left: registers, memory, tags and the faults it took.
//
//   tags [--steps N] [--verbose] CASE...
//   tags --probe
//
// A CASE is a seed, a range A..B, or SEED:STEP,STEP,... for some of a program's
// steps. The first word of a step that faults is left out, and the program goes
// on after it. Prints "case SEED", and an "end" line with hashes; --verbose
// shows all.
//
// What is left open is made not to matter: which of the program's instructions
// an asynchronous fault is told at (only between which system calls it was),
// and what IRG draws (one tag is left to draw from).

#ifdef __aarch64__

#include <signal.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <ucontext.h>

#include "tests/differential/tags/machine.h"
#include "tests/differential/tags/steps.h"

enum {
  kMaxSteps = 64,
  kCodePages = 64,
  kMaxFaults = 200,
  kTaggedAddresses = 1,
  kSync = 2,
  kAsync = 4,
  kTagsAt = 3,  // bit of the first allowed tag
  kSetTaggedAddresses = 55,
  kExposeTagBits = 0x800,
  kAsyncTagFault = 8,
  kEsrMagic = 0x45535201,
};

static int steps[kMaxSteps], step_count;
static bool verbose;

static Word* code;  // kCodePages pages, used in turn
static Word* program;
static int program_words, run;
static signed char step_of[kMaxSteps * kMaxWords + 1];

static struct Faults {
  int count;
  uint64_t hash;
  uint64_t late;  // bit by bit, told after which system call
  // After which there was another SIGSEGV. If no interrupt comes before, a late
  // one is taken for the same.
  uint64_t covered;
} faults;

static uint64_t EsrOf(const ucontext_t* context) {
  const unsigned char* at = context->uc_mcontext.__reserved;
  for (;;) {
    const struct _aarch64_ctx* head = (const void*)at;
    if (head->magic == kEsrMagic) {
      return *(const uint64_t*)(at + sizeof(*head));
    }
    if (head->magic == 0) return 0;
    at += head->size;
  }
}

// How many system calls the program has made before the word at `index`.
static int CallsBefore(long index) {
  int calls = 0;
  for (long i = 0; i + 1 < index && i < program_words; i++) {
    calls += program[i] == (Word)kSvc;
  }
  return calls;
}

// A store that ends on a page where it must not may have stored its beginning,
// or not; a load of several registers may have loaded the first. Neither is to
// be seen afterwards.
static void ForgetBeginning(const siginfo_t* info, ucontext_t* context) {
  const uint64_t at = (uint64_t)info->si_addr << 8 >> 8;
  if (at % kPage != 0 || at <= ARENA || at > ARENA + kArena) return;
  if (at <= ARENA + 3 * kPage) {
    __asm__ volatile(".arch armv8.5-a+memtag\n\tmsr tco, #1" ::: "memory");
    memset((void*)(at - 32), 0, 32);
    __asm__ volatile(".arch armv8.5-a+memtag\n\tmsr tco, #0" ::: "memory");
  }
  struct fpsimd_context* vectors = (void*)context->uc_mcontext.__reserved;
  while (vectors->head.magic != FPSIMD_MAGIC) {
    if (vectors->head.magic == 0) return;
    vectors = (void*)((char*)vectors + vectors->head.size);
  }
  memset(vectors->vregs, 0, kVectors * sizeof vectors->vregs[0]);
}

static void OnFault(int signo, siginfo_t* info, void* opaque) {
  ucontext_t* context = opaque;
  const long index = ((long)context->uc_mcontext.pc - (long)program) / 4;
  const bool inside = index >= 0 && index < program_words;
  const int calls = CallsBefore(inside ? index : program_words);
  const uint64_t segment = 1ull << (run * 16 + calls) % 64;
  if (signo == SIGSEGV && info->si_code == kAsyncTagFault) {
    if (verbose) printf("  late: word %ld\n", index);
    faults.late |= segment;
    return;
  }
  if (signo == SIGSEGV) faults.covered |= segment;
  if (!inside) {
    printf("fault outside of the program: %d code %d at %p pc %llx\n", signo,
           info->si_code, info->si_addr, context->uc_mcontext.pc);
    exit(2);
  }
  // What atomic operations and DC ZVA are called, loads or stores, is not all
  // one; nor, of those that are not exclusive and meet a page that is
  // read-only, whether their tag is looked at.
  const Word word = program[index];
  const bool atomic = (word & 0x3f200c00) == 0x38200000;
  const bool either = atomic || (word & 0x3f000000) == 0x08000000 ||
                      (word & ~0x1fu) == (Word)kDcZva;
  const uint64_t offset = signo == SIGILL ? 0 : (uint64_t)info->si_addr - ARENA;
  const bool open = atomic && (offset << 8 >> 8) / kPage == kReadOnly / kPage;
  const uint64_t told[] = {
      (uint64_t)step_of[index], (uint64_t)signo,
      open ? 0 : (uint64_t)info->si_code, offset,
      open ? 0 : EsrOf(context) & ~(either ? 1ull << 6 : 0)};
  faults.hash = HashOf(faults.hash, told, sizeof told);
  if (verbose) {
    printf("  fault: step %d word %ld %08x signal %d code %d at %lx esr %lx\n",
           step_of[index], index, word, signo, (int)told[2], (long)offset,
           (long)told[4]);
  }
  ForgetBeginning(info, context);
  const bool enough = ++faults.count > kMaxFaults;
  context->uc_mcontext.pc =
      (uint64_t)(program + (enough ? program_words : index + 1));
}

static void CatchFaults(void) {
  static unsigned char stack[1 << 16];
  const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  if (sigaltstack(&alternate, NULL) != 0) Die("sigaltstack");
  struct sigaction action = {.sa_flags =
                                 SA_SIGINFO | SA_ONSTACK | kExposeTagBits};
  action.sa_sigaction = OnFault;
  sigaddset(&action.sa_mask, SIGSEGV);
  sigaddset(&action.sa_mask, SIGBUS);
  sigaddset(&action.sa_mask, SIGILL);
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
  sigaction(SIGILL, &action, NULL);
}

static void MakeStep(uint64_t seed, int number) {
  struct Random r = RandomOf(seed, (uint64_t)number);
  int total = 0;
  for (const struct Kind* k = kKinds; k->name; k++) total += k->weight;
  long at = Below(&r, total);
  const struct Kind* kind = kKinds;
  while (at >= kind->weight) at -= kind++->weight;
  struct Step step = {.count = 0};
  kind->choose(&r, &step);
  if (verbose) printf("  step %d, %s:", number, kind->name);
  for (int i = 0; i < step.count; i++) {
    if (verbose) printf(" %08x", step.words[i]);
    step_of[program_words] = (signed char)number;
    program[program_words++] = step.words[i];
  }
  if (verbose) printf("\n");
}

static void MakeProgram(uint64_t seed) {
  program = code + seed % kCodePages * (kPage / sizeof(Word));
  program_words = 0;
  for (int i = 0; i < step_count; i++) MakeStep(seed, steps[i]);
  program[program_words] = kRet;
  __builtin___clear_cache((char*)program, (char*)(program + program_words + 1));
}

static void MakeMachine(struct Random* r, struct Machine* machine) {
  *machine = (struct Machine){.nzcv = Next(r) & 0xf0000000};
  for (int i = 0; i < 8; i++) {
    // Often small, to be compared and swapped with what is there.
    machine->x[i] = OneIn(r, 2) ? Next(r) : Next(r) & 0xff;
    machine->x[8 + i] = Address(r);
    machine->v[i][0] = Next(r);
    machine->v[i][1] = Next(r);
  }
  for (int i = 16; i < 20; i++) machine->x[i] = (uint64_t)Below(r, 64);
  machine->sp = Address(r) & -16ul;
}

static void Show(const struct Machine* machine) {
  for (int i = 0; i < kRegisters; i++) {
    printf("  x%d %lx", i, (long)machine->x[i]);
  }
  printf("\n  sp %lx nzcv %lx tco %lx\n", (long)machine->sp,
         (long)machine->nzcv, (long)machine->tco);
  for (int i = 0; i < kVectors; i++) {
    printf("  v%d %016lx%016lx", i, (long)machine->v[i][1],
           (long)machine->v[i][0]);
  }
  printf("\n");
  for (int i = 0; i < kTagged; i += kGranule) {
    if (i % 1024 == 0) printf("%s  tags %4x ", i ? "\n" : "", i);
    printf("%x", LoadTagAt(i));
  }
  printf("\n");
  for (int line = 0; line < 3 * kPage; line += 32) {
    printf("  at %4x", line);
    for (int i = 0; i < 32; i += 8) {
      printf(" %016lx", (long)*(uint64_t*)At(line + i));
    }
    printf("\n");
  }
}

static void Play(uint64_t seed) {
  struct Random r = RandomOf(seed, 1ull << 41);
  static const int kModes[] = {0, kSync, kSync, kAsync, kSync | kAsync};
  const int mode = PICK(&r, kModes);
  const unsigned long allowed = OneIn(&r, 2) ? 0xfffe : Next(&r) & 0xffff;
  const int addresses = OneIn(&r, 8) ? 0 : kTaggedAddresses;
  printf("case %lu\n", (unsigned long)seed);
  prctl(kSetTaggedAddresses, kTaggedAddresses, 0, 0, 0);
  FillArena(seed);
  struct Machine machine;
  MakeMachine(&r, &machine);
  MakeProgram(seed);
  faults = (struct Faults){.hash = 0xcbf29ce484222325};
  if (verbose) printf("  mode %d, tags %lx\n", mode, allowed);
  if (prctl(kSetTaggedAddresses,
            (unsigned long)(addresses | mode) | allowed << kTagsAt, 0, 0, 0)) {
    Die("prctl");
  }
  const int runs = 1 + (int)Below(&r, 3);
  for (run = 0; run < runs; run++) {
    RunProgram(&machine, program);
    syscall(SYS_sched_yield);  // where the last of the late ones is told
  }
  machine.host_sp = 0;
  prctl(kSetTaggedAddresses, kTaggedAddresses, 0, 0, 0);
  if (verbose) Show(&machine);
  uint64_t memory = 0xcbf29ce484222325, tags = memory;
  for (int i = 0; i < 3 * kPage; i += 8) {
    memory = (memory ^ *(uint64_t*)At(i)) * 0x9e3779b97f4a7c15;
    memory ^= memory >> 29;
  }
  for (int i = 0; i < kTagged; i += kGranule) {
    tags = (tags ^ LoadTagAt(i)) * 0x100000001b3;
  }
  printf(
      "end 0 registers %016lx memory %016lx tags %016lx faults %d %016lx %lx\n",
      (long)HashOf(0xcbf29ce484222325, &machine, sizeof machine), (long)memory,
      (long)tags, faults.count, (long)faults.hash,
      (long)(faults.late & ~faults.covered));
}

static void PlayCase(const char* text, int count) {
  char* end;
  unsigned long first = strtoul(text, &end, 10), last = first;
  for (step_count = 0; step_count < count; step_count++) {
    steps[step_count] = step_count;
  }
  if (strncmp(end, "..", 2) == 0) last = strtoul(end + 2, &end, 10);
  if (*end == ':') {
    step_count = 0;
    while (*end && end[1] && step_count < kMaxSteps) {
      steps[step_count++] = (int)strtoul(end + 1, &end, 10);
    }
  }
  for (unsigned long seed = first; seed <= last; seed++) Play(seed);
}

int main(int argc, char** argv) {
  int count = 24;
  if (!(getauxval(AT_HWCAP2) & 1 << 18)) {
    puts("!no memory tags");
    return 0;
  }
  code = mmap(NULL, kCodePages * kPage, PROT_READ | PROT_WRITE | PROT_EXEC,
              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (code == MAP_FAILED) Die("mmap");
  MakeArena();
  CatchFaults();
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--probe") == 0) {
      return 0;
    } else if (strcmp(argv[i], "--verbose") == 0) {
      verbose = true;
    } else if (strcmp(argv[i], "--steps") == 0 && i + 1 < argc) {
      count = atoi(argv[++i]);
      if (count < 0 || count > kMaxSteps) Die("--steps: at most 64\n");
    } else {
      PlayCase(argv[i], count);
    }
  }
  return 0;
}

#else

#include <stdio.h>

int main(void) {
  puts("!no memory tags");
  return 0;
}

#endif
