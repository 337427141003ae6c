#ifndef FAULTLINE_PLUGIN_H_
#define FAULTLINE_PLUGIN_H_

/* Faultline's own plug-in interface, beside QEMU's (docs/plugins.md): what the
 * memory manager does, and a say in it. Plain C; a shared object may offer this
 * one, QEMU's, or both.
 *
 * A plug-in exports faultline_plugin_version, which says what it was built for,
 * and faultline_plugin_install(), which asks for callbacks: they can be asked
 * for there and then (and in qemu_plugin_install(), if it has one). The
 * functions that ask answer false afterwards; in there, asking for what is not
 * there (no callback, a site that no site has the name of) ends the run with an
 * error. Callbacks come on the machine's one host thread, in the order of the
 * events; they must not wait, and the run is repeatable as long as what they do
 * depends on nothing outside the machine. Pointers that a callback gets are
 * good until it returns. qemu_plugin_uninstall() ends these, too.
 *
 * Addresses are the guest's, without tags. Times are nanoseconds of the
 * machine's time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FAULTLINE_PLUGIN_VERSION 1
#define FAULTLINE_EXPORT __attribute__((visibility("default")))

typedef uint64_t faultline_id;

typedef struct {
  int version;      /* of the interface */
  const char* arch; /* "x86_64", "aarch64" */
  const char* path; /* of the program */
  uint64_t seed;    /* of the run */
  uint64_t page_size;
} faultline_info;

extern FAULTLINE_EXPORT int faultline_plugin_version;
/* `argv` lives as long as the plug-in. Anything but 0 ends the run with an
 * error. */
FAULTLINE_EXPORT int faultline_plugin_install(faultline_id id,
                                              const faultline_info* info,
                                              int argc, char** argv);

/* --- Events: what a trace (--trace) has, as it happens --- */

typedef enum {
  FAULTLINE_FAULT,   /* a page fault and its outcome */
  FAULTLINE_ALLOC,   /* a frame given out or taken back */
  FAULTLINE_TABLE,   /* a page-table entry: "from" and "to" */
  FAULTLINE_VMA,     /* a mapping came, went or changed */
  FAULTLINE_SYSCALL, /* a system call and its result */
  FAULTLINE_SWITCH,  /* another actor runs */
  FAULTLINE_POINT,   /* never an event: see faultline_on_site() */
  FAULTLINE_SIGNAL,  /* raised or delivered */
  FAULTLINE_TASK,    /* started, called exec, ended */
  FAULTLINE_UNKNOWN, /* a system call that is not there */
  FAULTLINE_THP,     /* a scan or a collapse, and its result */
  FAULTLINE_UFFD,    /* userfaultfd, step by step */
  FAULTLINE_INJECT,  /* something was made to fail, or to happen */
  FAULTLINE_TAG,     /* arm64: 16 bytes were tagged: "from" and "to" */
  FAULTLINE_KINDS,
} faultline_kind;
#define FAULTLINE_ALL_KINDS ((1u << FAULTLINE_KINDS) - 1)

/* Not ended by a zero. */
typedef struct {
  const char* data;
  size_t size;
} faultline_text;

typedef struct {
  faultline_text key;
  uint64_t number;
  faultline_text text; /* in the number's place, if its size is not 0 */
} faultline_field;

typedef struct {
  faultline_kind kind;
  faultline_text name;
  uint64_t time;
  const faultline_field* fields;
  size_t n_fields;
} faultline_event;

typedef void (*faultline_event_cb)(const faultline_event* event, void* user);
/* `kinds`: a bit for each kind, 1u << FAULTLINE_FAULT and so on. */
bool faultline_on_event(faultline_id id, uint32_t kinds, faultline_event_cb cb,
                        void* user);
/* The event's field of that name; null: it has none. */
const faultline_field* faultline_field_of(const faultline_event* event,
                                          const char* key);

/* --- Faults of user mode, once they have been dealt with --- */

typedef struct {
  int pid, tid;
  uint64_t address, pc, sp;
  char access; /* 'r', 'w', 'x' */
  bool was_present;
  bool major;
  const char* outcome; /* "done", "bad area", ... */
} faultline_fault;
typedef void (*faultline_fault_cb)(const faultline_fault* fault, void* user);
bool faultline_on_fault(faultline_id id, faultline_fault_cb cb, void* user);

/* --- Locks, schedule points, and places that may fail --- */

typedef struct {
  const char* site; /* as `faultline sites` lists them */
  uint64_t nth;     /* of all passings of it, from 1 */
  uint64_t address; /* the user address at hand; 0: none */
  const char* actor;
} faultline_passing;

/* Called whenever an actor comes by a site that `pattern` means: a name, or the
 * beginning of names and a star. */
typedef void (*faultline_site_cb)(const faultline_passing* passing, void* user);
bool faultline_on_site(faultline_id id, const char* pattern,
                       faultline_site_cb cb, void* user);
/* The same of places that may fail; where `cb` says true, it does. What the
 * command line injects comes first. */
typedef bool (*faultline_decide_cb)(const faultline_passing* passing,
                                    void* user);
bool faultline_decide(faultline_id id, const char* pattern,
                      faultline_decide_cb cb, void* user);
/* The name of the nth site of all, from 0; null: there are not so many. */
const char* faultline_site_name(size_t n, bool* can_fail);

/* --- The end, and the state of who runs --- */

typedef void (*faultline_exit_cb)(void* user);
bool faultline_on_exit(faultline_id id, faultline_exit_cb cb, void* user);

uint64_t faultline_now(void);
/* Of the thread that runs; 0: none does. */
int faultline_tid(void);
int faultline_pid(void);
/* Prints on standard error. */
void faultline_print(const char* text);

/* Registers by gdb's names ("rax", "x0", "pc", "xmm0"), in the machine's byte
 * order. They answer the register's size, or 0: there is none of that name, the
 * buffer is too small, or the program's registers are not loaded. They are in
 * callbacks of QEMU's interface, of faultline_on_fault(), and of a
 * FAULTLINE_SYSCALL event, where the result is in its register; the last two
 * can write them. */
size_t faultline_read_register(const char* name, void* data, size_t size);
size_t faultline_write_register(const char* name, const void* data,
                                size_t size);

/* Memory of who runs, as far as it is there: nothing is faulted in, and what
 * the program could not write itself is not written. They answer how many bytes
 * were copied. */
size_t faultline_read_memory(uint64_t address, void* data, size_t size);
size_t faultline_write_memory(uint64_t address, const void* data, size_t size);
/* arm64: the allocation tag (0 to 15) of the granule there; -1: it has none. */
int faultline_read_tag(uint64_t address);

#ifdef __cplusplus
}
#endif

#endif /* FAULTLINE_PLUGIN_H_ */
