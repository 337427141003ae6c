// Files as a program uses them: written, mapped, sorted in place, read back,
// seeked, appended by several processes, listed.
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kNumbers = 100000, kWriters = 4, kRecords = 100 };

static char g_directory[] = "/tmp/files.XXXXXX";

static void Require(int good, const char* what) {
  if (!good) {
    perror(what);
    exit(1);
  }
}

static uint32_t Next(uint32_t* state) {
  *state = *state * 1664525 + 1013904223;
  return *state;
}

static int Compare(const void* a, const void* b) {
  uint32_t x = *(const uint32_t*)a, y = *(const uint32_t*)b;
  return x < y ? -1 : x > y;
}

static uint64_t Hash(const void* data, size_t bytes) {
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < bytes; i++) {
    hash = (hash ^ ((const unsigned char*)data)[i]) * 1099511628211u;
  }
  return hash;
}

// Random numbers by stdio, sorted through a shared mapping, read by read(2).
static void SortInPlace(void) {
  FILE* out = fopen("numbers", "wb");
  Require(out != NULL, "numbers");
  uint32_t state = 1;
  for (int i = 0; i < kNumbers; i++) {
    uint32_t number = Next(&state);
    fwrite(&number, sizeof number, 1, out);
  }
  fclose(out);
  int fd = open("numbers", O_RDWR);
  size_t bytes = kNumbers * sizeof(uint32_t);
  uint32_t* map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  Require(map != MAP_FAILED, "mmap");
  qsort(map, kNumbers, sizeof *map, Compare);
  Require(msync(map, bytes, MS_SYNC) == 0, "msync");
  uint32_t* copy = malloc(bytes);
  Require(pread(fd, copy, bytes, 0) == (ssize_t)bytes, "pread");
  int sorted = 1;
  for (int i = 1; i < kNumbers; i++) sorted &= copy[i - 1] <= copy[i];
  printf("sorted %d, hash %016llx\n", sorted,
         (unsigned long long)Hash(copy, bytes));
  munmap(map, bytes);
  free(copy);
  close(fd);
}

static void AppendTogether(void) {
  for (int w = 0; w < kWriters; w++) {
    if (fork() != 0) continue;
    int fd = open("log", O_CREAT | O_WRONLY | O_APPEND, 0644);
    for (int i = 0; i < kRecords; i++) {
      char record[32];
      int length =
          snprintf(record, sizeof record, "writer %d record %d\n", w, i);
      if (write(fd, record, (size_t)length) != length) _exit(1);
    }
    _exit(0);
  }
  for (int w = 0; w < kWriters; w++) wait(NULL);
  FILE* in = fopen("log", "r");
  int next[kWriters] = {0}, lines = 0, good = 1, w, i;
  while (fscanf(in, "writer %d record %d\n", &w, &i) == 2) {
    good &= i == next[w]++;
    lines++;
  }
  fclose(in);
  printf("appended %d records, each writer's in order: %d\n", lines, good);
}

static void ListTree(void) {
  char name[64];
  for (int i = 0; i < 30; i++) {
    snprintf(name, sizeof name, "d%d", i % 5);
    mkdir(name, 0755);
    snprintf(name, sizeof name, "d%d/f%d", i % 5, i);
    int fd = open(name, O_CREAT | O_WRONLY, 0600);
    Require(ftruncate(fd, i * 1000) == 0, "ftruncate");
    close(fd);
  }
  long files = 0, bytes = 0;
  for (int d = 0; d < 5; d++) {
    snprintf(name, sizeof name, "d%d", d);
    DIR* directory = opendir(name);
    struct dirent* entry;
    while ((entry = readdir(directory)) != NULL) {
      struct stat st;
      fstatat(dirfd(directory), entry->d_name, &st, AT_SYMLINK_NOFOLLOW);
      if (!S_ISREG(st.st_mode)) continue;
      files++;
      bytes += st.st_size;
      unlinkat(dirfd(directory), entry->d_name, 0);
    }
    closedir(directory);
    Require(rmdir(name) == 0, "rmdir");
  }
  printf("%ld files of %ld bytes listed and removed\n", files, bytes);
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  Require(mkdtemp(g_directory) != NULL && chdir(g_directory) == 0, "directory");
  SortInPlace();
  AppendTogether();
  ListTree();
  unlink("numbers");
  unlink("log");
  Require(rmdir(g_directory) == 0, "rmdir");
}
