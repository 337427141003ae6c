#ifndef FAULTLINE_TESTS_DIFFERENTIAL_PAGE_STEPS_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_PAGE_STEPS_H_

// Steps that touch pages: accesses, advice, locks, files' sizes.

#include "tests/differential/guest/choose.h"

static inline void DoLoad(struct Random* r, struct Call* c) {
  FUNCTION(c, Load);
  AddWordAt(r, c);
}

static inline void DoStore(struct Random* r, struct Call* c) {
  FUNCTION(c, Store);
  AddWordAt(r, c);
  AddNumber(c, 1 + Below(r, 0xfffe));
}

static inline void DoPoke(struct Random* r, struct Call* c) {
  FUNCTION(c, Poke);
  AddWordAt(r, c);
  AddNumber(c, 1 + Below(r, 0xfffe));
}

static inline void AddFileOffset(struct Random* r, struct Call* c) {
  AddNumber(c, Below(r, 12) * kPage + 256 * Below(r, 16));
}

static inline void DoFileStore(struct Random* r, struct Call* c) {
  FUNCTION(c, FileStore);
  AddMemfd(r, c);
  AddFileOffset(r, c);
  AddNumber(c, 1 + Below(r, 0xfffe));
}

static inline void DoFileLoad(struct Random* r, struct Call* c) {
  FUNCTION(c, FileLoad);
  AddMemfd(r, c);
  AddFileOffset(r, c);
}

// Advice with an effect that is the same every time. Not here: what takes the
// machine's memory out of use, and merging, which a kernel may be without.
static inline void Madvise(struct Random* r, struct Call* c) {
  static const struct Word kAdvice[] = {WORD(MADV_DONTNEED),
                                        WORD(MADV_DONTNEED_LOCKED),
                                        WORD(MADV_FREE),
                                        WORD(MADV_REMOVE),
                                        WORD(MADV_WILLNEED),
                                        WORD(MADV_POPULATE_READ),
                                        WORD(MADV_POPULATE_WRITE),
                                        WORD(MADV_DONTFORK),
                                        WORD(MADV_DOFORK),
                                        WORD(MADV_WIPEONFORK),
                                        WORD(MADV_KEEPONFORK),
                                        WORD(MADV_SEQUENTIAL),
                                        WORD(MADV_RANDOM),
                                        WORD(MADV_NORMAL),
                                        WORD(MADV_DONTDUMP),
                                        WORD(MADV_DODUMP),
                                        WORD(MADV_COLD),
                                        WORD(MADV_HUGEPAGE),
                                        WORD(MADV_NOHUGEPAGE),
                                        WORD(MADV_COLLAPSE),
                                        {"999", 999},
                                        {NULL, 0}};
  // Reclaim would tell what of MADV_FREE's is still there. Here nobody asks
  // what is resident.
  static const struct Word kHugeAdvice[] = {WORD(MADV_HUGEPAGE),
                                            WORD(MADV_HUGEPAGE),
                                            WORD(MADV_HUGEPAGE),
                                            WORD(MADV_HUGEPAGE),
                                            WORD(MADV_COLLAPSE),
                                            WORD(MADV_COLLAPSE),
                                            WORD(MADV_NOHUGEPAGE),
                                            WORD(MADV_DONTNEED),
                                            WORD(MADV_DONTNEED),
                                            WORD(MADV_REMOVE),
                                            WORD(MADV_POPULATE_READ),
                                            WORD(MADV_POPULATE_WRITE),
                                            WORD(MADV_WIPEONFORK),
                                            WORD(MADV_KEEPONFORK),
                                            WORD(MADV_DONTFORK),
                                            WORD(MADV_DOFORK),
                                            WORD(MADV_COLD),
                                            WORD(MADV_PAGEOUT),
                                            {NULL, 0}};
  SYSCALL(c, madvise);
  AddRange(r, c);
  if (world == kHugePages) {
    ADD_ONE_OF(r, c, kHugeAdvice);
  } else {
    ADD_ONE_OF(r, c, kAdvice);
  }
}

static inline void Guard(struct Random* r, struct Call* c) {
  static const struct Word kAdvice[] = {
      WORD(MADV_GUARD_INSTALL), WORD(MADV_GUARD_REMOVE), {NULL, 0}};
  SYSCALL(c, madvise);
  AddRange(r, c);
  ADD_ONE_OF(r, c, kAdvice);
}

static inline void Mlock(struct Random* r, struct Call* c) {
  static const struct Word kFlags[] = {WORD(MLOCK_ONFAULT), {NULL, 0}};
  switch (Below(r, 5)) {
    case 0:
      SYSCALL(c, mlock);
      AddRange(r, c);
      break;
    case 1:
      SYSCALL(c, mlock2);
      AddRange(r, c);
      AddWords(c, kFlags, OneIn(r, 16) ? 2 : MLOCK_ONFAULT);
      break;
    default:
      SYSCALL(c, munlock);
      AddRange(r, c);
  }
}

static inline void Mlockall(struct Random* r, struct Call* c) {
  static const struct Word kFlags[] = {
      WORD(MCL_CURRENT), WORD(MCL_FUTURE), WORD(MCL_ONFAULT), {NULL, 0}};
  if (OneIn(r, 2)) {
    SYSCALL(c, munlockall);
  } else {
    SYSCALL(c, mlockall);
    AddWords(c, kFlags, Below(r, OneIn(r, 8) ? 16 : 8));
  }
}

static inline void Mincore(struct Random* r, struct Call* c) {
  SYSCALL(c, mincore);
  AddRange(r, c);
  AddArgument(c, (struct Argument){kScratch, 0, NULL});
}

static inline void Msync(struct Random* r, struct Call* c) {
  static const struct Word kFlags[] = {
      WORD(MS_ASYNC), WORD(MS_INVALIDATE), WORD(MS_SYNC), {NULL, 0}};
  SYSCALL(c, msync);
  AddRange(r, c);
  AddWords(c, kFlags, Below(r, OneIn(r, 8) ? 16 : 8));
}

static inline void Ftruncate(struct Random* r, struct Call* c) {
  SYSCALL(c, ftruncate);
  AddMemfd(r, c);
  AddNumber(c, Below(r, 12) * kPage + (OneIn(r, 3) ? Below(r, kPage) : 0));
}

static inline void Fallocate(struct Random* r, struct Call* c) {
  enum { kKeep = 1, kPunch = 2, kCollapse = 8, kZero = 16 };
  static const struct Word kModes[] = {{"/* KEEP_SIZE */ 1", kKeep},
                                       {"/* PUNCH_HOLE */ 2", kPunch},
                                       {"/* COLLAPSE_RANGE */ 8", kCollapse},
                                       {"/* ZERO_RANGE */ 16", kZero},
                                       {NULL, 0}};
  static const long kOften[] = {0, kKeep, kPunch | kKeep, kPunch | kKeep};
  static const long kRare[] = {kPunch, kCollapse, kZero, kZero | kKeep, 64};
  SYSCALL(c, fallocate);
  AddMemfd(r, c);
  AddWords(c, kModes, OneIn(r, 16) ? PICK(r, kRare) : PICK(r, kOften));
  AddNumber(c, Below(r, 10) * kPage + (OneIn(r, 3) ? Below(r, kPage) : 0));
  AddNumber(c, OneIn(r, 32) ? 0 : 1 + Below(r, 6 * kPage));
}

static inline void Seal(struct Random* r, struct Call* c) {
  static const struct Word kSeals[] = {
      WORD(F_SEAL_SEAL),  WORD(F_SEAL_SHRINK),       WORD(F_SEAL_GROW),
      WORD(F_SEAL_WRITE), WORD(F_SEAL_FUTURE_WRITE), WORD(F_SEAL_EXEC),
      {NULL, 0}};
  static const struct Word kCommand[] = {
      WORD(F_ADD_SEALS), WORD(F_GET_SEALS), {NULL, 0}};
  SYSCALL(c, fcntl);
  AddMemfd(r, c);
  ADD_ONE_OF(r, c, kCommand);
  AddWords(c, kSeals, 1l << Below(r, 6));
}

static inline void ChangeMode(struct Random* r, struct Call* c) {
  static const long kModes[] = {0600, 0700, 0777};
  SYSCALL(c, fchmod);
  AddMemfd(r, c);
  AddNumber(c, PICK(r, kModes));
}

// Between a file and memory: how far it gets.
static inline void ReadOrWrite(struct Random* r, struct Call* c) {
  if (OneIn(r, 2)) {
    SYSCALL(c, pread64);
  } else {
    SYSCALL(c, pwrite64);
  }
  AddMemfd(r, c);
  AddWordAt(r, c);
  AddNumber(c, Below(r, OneIn(r, 2) ? 3 * kPage : 64));
  AddFileOffset(r, c);
}

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_PAGE_STEPS_H_
