/* fault_space: how much of the space in which things can go wrong a run has
 * seen. A point is an operation (a fault's kind, a system call, a collapse;
 * else who was at work), the state that a page-table entry had when it was
 * changed, the locks held then, and where something was injected in the same
 * operation.
 *
 *   --plugin fault_space.so[,file=OUT]
 *
 * Prints a summary as lcov does. With file=OUT the points are added to those
 * that OUT has of runs before: "OPERATION STATE LOCKS FAILED COUNT" lines. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faultline-plugin.h"
#include "tally.h"

FAULTLINE_EXPORT int faultline_plugin_version = FAULTLINE_PLUGIN_VERSION;

enum { kChanges = 64, kActors = 64 };

typedef struct {
  char name[kText], failed[kText], locks[kText];
  char changes[kChanges][kLine]; /* in the operation that has not ended */
  size_t n_changes;
} Actor;
static Actor actors[kActors];
static size_t n_actors;
static Actor* running = actors;
static const char* path;

static const char* const kStates[] = {
    "none",    "table", "page-rw",   "page-ro",  "page-prot-none",
    "page-wp", "swap",  "migration", "hwpoison", "marker"};
enum { kNumStates = sizeof kStates / sizeof *kStates };

static Actor* ActorOf(const char* name, size_t size) {
  char text[kText];
  Copy(text, name, size);
  for (size_t i = 0; i < kActors - 1; ++i) {
    if (i == n_actors) {
      strcpy(actors[n_actors++].name, text);
    }
    if (strcmp(actors[i].name, text) == 0) {
      return &actors[i];
    }
  }
  return &actors[kActors - 1];
}

/* Null: it has no end that is known; a program's is one that is under way. */
static void EndOperation(const char* name) {
  if (name == NULL) {
    name = strchr(running->name, '/') != NULL ? "unfinished" : running->name;
  }
  for (size_t i = 0; i < running->n_changes; ++i) {
    char point[kLine];
    snprintf(point, sizeof point, "%.90s %.290s", name, running->changes[i]);
    TallyAdd(point, 1);
  }
  running->n_changes = 0;
  running->failed[0] = 0;
}

static void OnSite(const faultline_passing* passing, void* user) {
  (void)user;
  Actor* const a = ActorOf(passing->actor, strlen(passing->actor));
  const char* const end = strrchr(passing->site, '.');
  if (end == NULL) {
    return;
  }
  char lock[kText];
  Copy(lock, passing->site, (size_t)(end - passing->site));
  if (strcmp(end, ".locked") == 0) {
    AddName(a->locks, lock);
  } else if (strcmp(end, ".unlocked") == 0) {
    RemoveName(a->locks, lock);
  }
}

static const char* StateOf(const char* from) {
  const char* const letters = strrchr(from, ' ');
  if (strncmp(from, "page", 4) == 0) {
    return strchr(letters, 'W') != NULL   ? "page-wp"
           : strchr(letters, 'n') != NULL ? "page-prot-none"
           : strchr(letters, 'w') != NULL ? "page-rw"
                                          : "page-ro";
  }
  for (size_t i = 0; i < kNumStates; ++i) {
    if (strncmp(from, kStates[i], strlen(kStates[i])) == 0) {
      return kStates[i];
    }
  }
  return "other";
}

static void NoteChange(const char* state) {
  if (running->n_changes == kChanges) { /* one that is long, or has no end */
    EndOperation(NULL);
  }
  snprintf(running->changes[running->n_changes++], kLine, "%s %s %s", state,
           running->locks[0] != 0 ? running->locks : "-",
           running->failed[0] != 0 ? running->failed : "-");
}

static void OnEvent(const faultline_event* e, void* user) {
  (void)user;
  const faultline_field* const from = faultline_field_of(e, "from");
  char name[kText];
  Copy(name, e->name.data, e->name.size);
  if (e->kind == FAULTLINE_SWITCH) {
    running = ActorOf(e->name.data, e->name.size);
  } else if (e->kind == FAULTLINE_TABLE && from != NULL) {
    Copy(name, from->text.data, from->text.size);
    NoteChange(StateOf(name));
  } else if (e->kind == FAULTLINE_INJECT) {
    strcpy(running->failed, name);
    NoteChange("-"); /* whatever comes of it */
  } else if (e->kind == FAULTLINE_SYSCALL || e->kind == FAULTLINE_THP) {
    EndOperation(name);
  } else if (e->kind == FAULTLINE_FAULT) {
    const faultline_field* const access = faultline_field_of(e, "access");
    const faultline_field* const mode = faultline_field_of(e, "mode");
    snprintf(name, sizeof name, "fault:%.*s:%.*s", (int)mode->text.size,
             mode->text.data, (int)access->text.size, access->text.data);
    EndOperation(name);
  }
}

static void Line(const char* what, size_t seen, size_t all) {
  char text[kText];
  snprintf(text, sizeof text, "  %s: %.1f%% (%zu of %zu)\n", what,
           all == 0 ? 0.0 : 100.0 * (double)seen / (double)all, seen, all);
  faultline_print(text);
}

static void Summary(void) {
  size_t locks = 0, locks_seen = 0, failures = 0, failed = 0;
  bool can_fail = false;
  const char* name;
  for (size_t i = 0; (name = faultline_site_name(i, &can_fail)) != NULL; ++i) {
    failures += can_fail;
    failed += can_fail && TallyOf(3, name) != 0;
    const char* const end = strstr(name, ".locked");
    if (end != NULL) {
      char lock[kText];
      Copy(lock, name, (size_t)(end - name));
      ++locks;
      locks_seen += TallyOf(2, lock) != 0;
    }
  }
  char text[kText];
  snprintf(text, sizeof text,
           "Fault-space coverage:\n  operations......: %zu\n",
           TallyDifferent(0));
  faultline_print(text);
  Line("entry states....", TallyDifferent(1), kNumStates);
  Line("locks held......", locks_seen, locks);
  Line("failed sites....", failed, failures);
  snprintf(text, sizeof text, "  points..........: %zu\n", tally_lines);
  if (tally_lost != 0) {
    faultline_print("fault_space: there are more points than are kept\n");
  }
  faultline_print(text);
}

static void OnExit(void* user) {
  (void)user;
  for (size_t i = 0; i < n_actors; ++i) {
    running = &actors[i];
    EndOperation(NULL);
  }
  if (path != NULL && !TallyWrite(path)) {
    faultline_print("fault_space: the file cannot be written\n");
  }
  Summary();
}

int faultline_plugin_install(faultline_id id, const faultline_info* info,
                             int argc, char** argv) {
  (void)info;
  for (int i = 0; i < argc; ++i) {
    if (strncmp(argv[i], "file=", 5) != 0) {
      faultline_print("fault_space: the only option is file=OUT\n");
      return -1;
    }
    path = argv[i] + 5;
    if (!TallyRead(path)) {
      faultline_print("fault_space: the file is not one of its own\n");
      return -1;
    }
  }
  running = ActorOf("-", 1);
  faultline_on_event(id, FAULTLINE_ALL_KINDS, OnEvent, NULL);
  faultline_on_site(id, "*", OnSite, NULL);
  faultline_on_exit(id, OnExit, NULL);
  return 0;
}
