// What a dynamic linker asks of the kernel while the program runs: libraries
// mapped and unmapped, symbols in both directions, relocations made read-only,
// thread-local storage of a library that came late.
#include <dlfcn.h>
#include <link.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static int order;
__attribute__((constructor)) static void Early(void) { order = 1; }

static int CountObjects(struct dl_phdr_info* info, size_t size, void* count) {
  (void)size;
  if (info->dlpi_phnum > 0) {
    ++*(int*)count;
  }
  return 0;
}

static int Objects(void) {
  int count = 0;
  dl_iterate_phdr(CountObjects, &count);
  return count;
}

// Each thread asks for the errno of a failed call of its own.
static void* Thread(void* number) {
  void* self = dlopen(NULL, RTLD_NOW);
  printf("thread %ld: %s\n", (long)number,
         self != NULL && dlsym(self, "no such symbol") == NULL ? "not found"
                                                               : "found");
  dlclose(self);
  return NULL;
}

int main(void) {
  printf("constructor ran: %d\n", order);
  const int before = Objects();
  void* m = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);
  if (m == NULL) {
    printf("dlopen: %s\n", dlerror());
    return 1;
  }
  printf("loaded: %d more\n", Objects() - before);
  double (*cosine)(double) = NULL;
  *(void**)&cosine = dlsym(m, "cos");
  printf("cos(1) = %.12f\n", cosine(1.0));
  dlclose(m);
  printf("unloaded: %d more\n", Objects() - before);
  void* resolv = dlopen("libresolv.so.2", RTLD_LAZY);
  printf("libresolv: %s\n", resolv != NULL ? "there" : dlerror());
  for (long i = 0; i < 3; ++i) {
    pthread_t t;
    pthread_create(&t, NULL, Thread, (void*)i);
    pthread_join(t, NULL);
  }
  void* none = dlopen("no_such_library.so", RTLD_NOW);
  printf("missing: %s\n",
         none == NULL ? strstr(dlerror(), "cannot open") : "?");
  return 0;
}
