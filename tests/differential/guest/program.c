// Plays random sequences of memory calls and prints what each did.
//
//   program [--steps N] [--verbose] [--huge-pages | --userfaults]
//           [--mask NAME]... [--thp always|madvise|never]
//           [--without CLASS]... CASE...
//   program --probe
//
// A CASE is a seed, a range of seeds A..B, or SEED:STEP,STEP,... to perform
// those steps of a seed's sequence only. Each case is one process tree of its
// own. --probe prints the classes of steps that this kernel does not have,
// after a
// "!" why the others cannot be tried either, and after a "@" options that make
// a kernel like this one. Prints "case SEED", then a line for each step (see
// observe.h).

#include <stdio.h>
#include <sys/personality.h>
#include <sys/wait.h>

#include "tests/differential/guest/observe.h"
#include "tests/differential/guest/operations.h"

enum { kMaxSteps = 1 << 16 };

static const char kThpEnabled[] = "/sys/kernel/mm/transparent_hugepage/enabled";

static const char* without[32];
static enum World asked_world;
static int steps[kMaxSteps];
static int step_count;

static bool IsWithout(const char* class_name) {
  // Over an absent page that userfaultfd protects MADV_GUARD_INSTALL tries for
  // ever, in Linux as in Faultline.
  if (asked_world == kUserfaults && strcmp(class_name, "guard") == 0) {
    return true;
  }
  for (int i = 0; without[i]; i++) {
    if (strcmp(without[i], class_name) == 0) return true;
  }
  return false;
}

// The slot that is to perform the step; it stays the same for a few steps.
static int PreferredSlot(uint64_t seed, int step) {
  struct Random r = RandomOf(seed, (uint64_t)(step / 6) << 32);
  return OneIn(&r, 2) ? 0 : (int)Below(&r, kProcesses);
}

static void Choose(uint64_t seed, int step, struct Call* call) {
  struct Random r = RandomOf(seed, (uint64_t)step);
  const struct Operation* operation = kOperations;
  // Two thirds of the steps are everybody's.
  if (world == kUserfaults && OneIn(&r, 3)) operation = kUserfaultOperations;
  int total = 0;
  for (const struct Operation* o = operation; o->class_name; o++) {
    total += o->weight;
  }
  long at = Below(&r, total);
  while (at >= operation->weight) at -= operation++->weight;
  // A class that is off leaves all other steps as they are.
  if (!IsWithout(operation->class_name)) operation->choose(&r, call);
}

// A step that would fork into a living slot or end a dead one, or the slot
// that performs it, is left out.
static bool Applies(const struct Call* call, int actor, const bool* alive) {
  if (call->name == NULL) return false;
  if (call->forks) return !alive[call->forks];
  if (call->ends) return alive[call->ends] && call->ends != actor;
  return true;
}

static void PlayStep(uint64_t seed, int step, bool* alive) {
  struct Call call = {0};
  char text[512];
  Choose(seed, step, &call);
  int actor = PreferredSlot(seed, step);
  if (!alive[actor]) actor = 0;
  if (!Applies(&call, actor, alive)) return;
  if (call.forks) alive[call.forks] = true;
  if (call.ends) alive[call.ends] = false;
  if (!Turn(actor)) return;
  WriteCall(&call, text);
  fault.signal = errno = 0;
  shared->step = step;
  long result = Perform(&call);
  if (self != actor) return;  // just forked
  Report(step, text, result, errno);
  EndTurn();
}

static void Play(uint64_t seed) {
  bool alive[kProcesses] = {true};
  answers = seed;
  MakeWorld(asked_world, seed % 2 == 0);
  PutText("case ");
  PutDecimal((unsigned)seed);
  Emit();
  for (int i = 0; i < step_count; i++) PlayStep(seed, steps[i], alive);
  Finish(alive);
}

static void PlayInChild(uint64_t seed) {
  pid_t pid = fork();
  if (pid == 0) {
    Play(seed);
    _exit(0);
  }
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid) Die("no process\n");
  if (status != 0) {
    printf("died 0x%x\n", status);
    fflush(stdout);
  }
}

static void AllSteps(int count) {
  for (step_count = 0; step_count < count; step_count++) {
    steps[step_count] = step_count;
  }
}

static void PlayCase(const char* text, int count) {
  char* end;
  unsigned long first = strtoul(text, &end, 10), last = first;
  AllSteps(count);
  if (strncmp(end, "..", 2) == 0) last = strtoul(end + 2, &end, 10);
  if (*end == ':') {
    step_count = 0;
    while (*end && end[1] && step_count < kMaxSteps) {
      steps[step_count++] = (int)strtoul(end + 1, &end, 10);
    }
  }
  if (*end) Die("what case is that?\n");
  for (unsigned long seed = first; seed <= last; seed++) PlayInChild(seed);
}

static void SetMask(const char* mask) {
  for (int i = 0; kMasks[i]; i++) {
    if (strcmp(kMasks[i], mask) == 0) {
      masks |= 1 << i;
      return;
    }
  }
  Die("no such mask\n");
}

// The knob's file has all its words, the one that holds in brackets.
static bool ReadThp(char* word, size_t size) {
  char text[64];
  int fd = open(kThpEnabled, O_RDONLY);
  ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
  close(fd);
  if (n <= 0) return false;
  text[n] = 0;
  const char* from = strchr(text, '[');
  const char* end = from ? strchr(from, ']') : NULL;
  if (!end || (size_t)(end - from) > size) return false;
  memcpy(word, from + 1, (size_t)(end - from - 1));
  word[end - from - 1] = 0;
  return true;
}

// Nothing is written where it is so already: the machine's own is left alone.
static void SetThp(const char* word) {
  char now[16];
  if (ReadThp(now, sizeof(now)) && strcmp(now, word) == 0) return;
  int fd = open(kThpEnabled, O_WRONLY);
  if (fd < 0 || write(fd, word, strlen(word)) < 0) Die("--thp: refused\n");
  close(fd);
}

// What no step can do without, and the classes that this kernel lacks.
static void Probe(void) {
  char byte = 0;
  struct iovec one = {&byte, 1};
  struct rlimit none = {0, 0};
  if (process_vm_readv(getpid(), &one, 1, &one, 1, 0) != 1) {
    puts("!process_vm_readv is refused");
  }
  int id = shmget(IPC_PRIVATE, kPage, 0600);
  if (id < 0) puts("!it has no System V memory");
  shmctl(id, IPC_RMID, NULL);
  setrlimit(RLIMIT_MEMLOCK, &none);
  if (mlock(&byte, 1) != 0) puts("!it has no CAP_IPC_LOCK");
  char* page = Reserve(kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE);
  if (madvise(page, kPage, MADV_GUARD_INSTALL) != 0) puts("guard");
  if (syscall(SYS_mseal, page, 0, 0) != 0) puts("mseal");
  if (mmap(NULL, kPage, PROT_READ, MAP_DROPPABLE | MAP_ANONYMOUS, -1, 0) ==
      MAP_FAILED) {
    puts("drop");
  }
  if (ScanPages(page, kPage, 0, 0, 0, 0) == -1) puts("scan");
  if (prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, page, kPage, "x") != 0) {
    puts("name");
  }
  char thp[16];
  if (ReadThp(thp, sizeof(thp))) printf("@--thp %s\n", thp);
}

// Where the heap and the libraries land is not to differ from run to run. Where
// that is refused, the world's names hide it all the same.
static void FixAddresses(char** argv) {
  int persona = personality(0xffffffff);
  if (persona == -1 || (persona & ADDR_NO_RANDOMIZE)) return;
  if (personality((unsigned)persona | ADDR_NO_RANDOMIZE) == -1) return;
  execv("/proc/self/exe", argv);
}

int main(int argc, char** argv) {
  FixAddresses(argv);
  int count = 200, classes = 0;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--probe") == 0) {
      Probe();
    } else if (strcmp(argv[i], "--huge-pages") == 0) {
      asked_world = kHugePages;
    } else if (strcmp(argv[i], "--userfaults") == 0) {
      asked_world = kUserfaults;
    } else if (strcmp(argv[i], "--verbose") == 0) {
      verbose = true;
    } else if (strcmp(argv[i], "--steps") == 0 && i + 1 < argc) {
      count = atoi(argv[++i]);
      if (count < 0 || count > kMaxSteps) Die("--steps: at most 65536\n");
    } else if (strcmp(argv[i], "--mask") == 0 && i + 1 < argc) {
      SetMask(argv[++i]);
    } else if (strcmp(argv[i], "--thp") == 0 && i + 1 < argc) {
      SetThp(argv[++i]);
    } else if (strcmp(argv[i], "--without") == 0 && i + 1 < argc) {
      if (classes < 31) without[classes++] = argv[++i];
    } else {
      PlayCase(argv[i], count);
    }
  }
  return 0;
}
