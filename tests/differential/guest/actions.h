#ifndef FAULTLINE_TESTS_DIFFERENTIAL_ACTIONS_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_ACTIONS_H_

// What a step may call besides system calls. -1 and errno on failure; an access
// that raises a signal leaves it in `fault`.

#include "tests/differential/guest/manager.h"
#include "tests/differential/guest/world.h"

static inline long Load(char* address) {
  if (_setjmp(fault_return)) return -1;
  fault.expected = true;
  long value = *(volatile long*)address;
  fault.expected = false;
  return value;
}

static inline long Store(char* address, long value) {
  if (_setjmp(fault_return)) return -1;
  fault.expected = true;
  *(volatile long*)address = value;
  fault.expected = false;
  return 0;
}

// Through /proc/self/mem, which does not ask for permission to write.
static inline long Poke(char* address, long value) {
  int fd = open("/proc/self/mem", O_RDWR);
  long result = pwrite(fd, &value, sizeof value, (off_t)address);
  int error = errno;
  close(fd);
  errno = error;
  return result;
}

static inline long FileStore(int fd, long offset, long value) {
  return pwrite(fd, &value, sizeof value, offset);
}
static inline long FileLoad(int fd, long offset) {
  long value = -1;
  return pread(fd, &value, sizeof value, offset) == sizeof value ? value : -1;
}

static inline long CopyFrom(int slot, char* local, char* remote, long size) {
  struct iovec to = {local, (size_t)size}, from = {remote, (size_t)size};
  return process_vm_readv(shared->pid[slot], &to, 1, &from, 1, 0);
}
static inline long CopyTo(int slot, char* local, char* remote, long size) {
  struct iovec from = {local, (size_t)size}, to = {remote, (size_t)size};
  return process_vm_writev(shared->pid[slot], &from, 1, &to, 1, 0);
}

// process_madvise() of two ranges.
static inline long Advise(int slot, char* a, long a_size, char* b, long b_size,
                          int advice) {
  struct iovec ranges[] = {{a, (size_t)a_size}, {b, (size_t)b_size}};
  int fd = (int)syscall(SYS_pidfd_open, shared->pid[slot], 0);
  long result = syscall(SYS_process_madvise, fd, ranges, 2, advice, 0);
  int error = errno;
  close(fd);
  errno = error;
  return result;
}

// Is what is mapped now filled at once (MCL_FUTURE)?
static inline bool FillsMappings(void) {
  unsigned char resident = 0;
  char* page = mmap(NULL, kPage, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return true;
  mincore(page, kPage, &resident);
  munmap(page, kPage);
  return resident & 1;
}

// Maps 4 TiB and then gives them another protection; they go again.
static inline long Commit(long flags, long prot, long other_prot) {
  const size_t size = (size_t)1 << 42;
  if (FillsMappings()) return -1;
  char* area = mmap(NULL, size, (int)prot, (int)flags | MAP_ANONYMOUS, -1, 0);
  if (area == MAP_FAILED) return -1;
  long result = mprotect(area, size, (int)other_prot) == 0 ? 0 : errno;
  munmap(area, size);
  return result;
}

// The number after `field` in /proc/self/status, in KiB.
static inline long StatusKib(const char* field) {
  static char text[4096];
  int fd = open("/proc/self/status", O_RDONLY);
  ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  text[size > 0 ? size : 0] = 0;
  const char* found = strstr(text, field);
  return found ? strtol(found + strlen(field), NULL, 10) : -1;
}

// Sets a soft limit to `pages` pages more than is in use, -1 to the hard one.
// The stack's is a size of its own.
static inline long Limit(int resource, long pages) {
  const char* field = resource == RLIMIT_AS     ? "VmSize:"
                      : resource == RLIMIT_DATA ? "VmData:"
                                                : "VmLck:";
  long base = resource == RLIMIT_STACK ? 0 : StatusKib(field) * 1024;
  struct rlimit limit;
  getrlimit(resource, &limit);
  limit.rlim_cur = limit.rlim_max;
  if (pages >= 0) limit.rlim_cur = (rlim_t)(base + pages * kPage);
  return setrlimit(resource, &limit);
}

static inline long Attachments(int id) {
  struct shmid_ds info;
  return shmctl(id, IPC_STAT, &info) == 0 ? (long)info.shm_nattch : -1;
}

// In the child this returns with another `self`.
static inline long Fork(int slot) {
  int pid = fork();
  if (pid < 0) Die("fork failed\n");
  if (pid == 0) {
    self = slot;
    ForgetManager();
  } else {
    shared->pid[slot] = pid;
  }
  return 0;
}

// Kills the process in `slot` and waits until its memory is gone.
static inline long End(int slot) {
  int fd = (int)syscall(SYS_pidfd_open, shared->pid[slot], 0);
  if (fd < 0) Die("a process has ended without being told to\n");
  kill(shared->pid[slot], SIGKILL);
  struct pollfd end = {fd, POLLIN, 0};
  while (poll(&end, 1, -1) != 1) continue;
  close(fd);
  shared->pid[slot] = 0;
  return 0;
}

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_ACTIONS_H_
