#ifndef FAULTLINE_TESTS_DIFFERENTIAL_MAP_STEPS_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_MAP_STEPS_H_

// Steps that make, change and unmake mappings.

#include "tests/differential/guest/choose.h"

static const struct Word kProt[] = {WORD(PROT_READ),    WORD(PROT_WRITE),
                                    WORD(PROT_EXEC),    WORD(PROT_GROWSDOWN),
                                    WORD(PROT_GROWSUP), {NULL, 0}};

static inline void AddProt(struct Random* r, struct Call* c) {
  static const long kOften[] = {PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE,
                                PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE};
  long prot = OneIn(r, 6) ? Below(r, 8) : PICK(r, kOften);
#ifdef __aarch64__
  // Whether code can be read is a matter of the processor (FEAT_PAN3).
  if (prot == PROT_EXEC) prot |= PROT_READ;
#endif
  AddWords(c, kProt, prot);
}

static const struct Word kMapFlags[] = {
    WORD(MAP_SHARED_VALIDATE), WORD(MAP_SHARED),   WORD(MAP_PRIVATE),
    WORD(MAP_FIXED_NOREPLACE), WORD(MAP_FIXED),    WORD(MAP_ANONYMOUS),
    WORD(MAP_GROWSDOWN),       WORD(MAP_LOCKED),   WORD(MAP_NORESERVE),
    WORD(MAP_POPULATE),        WORD(MAP_NONBLOCK), WORD(MAP_STACK),
    WORD(MAP_DENYWRITE),       WORD(MAP_SYNC),     {NULL, 0}};

static inline long ChooseMapFlags(struct Random* r, bool anonymous) {
  static const long kRare[] = {MAP_GROWSDOWN,
                               MAP_LOCKED,
                               MAP_NORESERVE,
                               MAP_POPULATE,
                               MAP_STACK,
                               MAP_DENYWRITE,
                               MAP_POPULATE | MAP_NONBLOCK,
                               MAP_GROWSDOWN,
                               MAP_LOCKED};
  long flags = OneIn(r, anonymous ? 4 : 2) ? MAP_SHARED : MAP_PRIVATE;
  long chance = Below(r, 64);
  if (chance == 0) flags = 0;
  if (chance == 1) flags = MAP_SHARED_VALIDATE;
  if (chance == 2) flags = MAP_SHARED_VALIDATE | MAP_SYNC;
  if (anonymous) flags |= MAP_ANONYMOUS;
  if (!OneIn(r, 4)) flags |= MAP_FIXED;
  if (OneIn(r, 10)) flags |= MAP_FIXED_NOREPLACE;
  if (OneIn(r, 4)) flags |= PICK(r, kRare);
  return flags;
}

static inline void Mmap(struct Random* r, struct Call* c) {
  SYSCALL(c, mmap);
  bool anonymous = !OneIn(r, 2);
  long flags = ChooseMapFlags(r, anonymous);
  bool hint = !(flags & (MAP_FIXED | MAP_FIXED_NOREPLACE));
  if (hint && OneIn(r, 2)) {
    AddNumber(c, 0);
  } else {
    AddAddress(r, c);
  }
  // A hint far off asks for addresses that are a matter of the processor
  // (FEAT_LVA, LA57).
  if (hint && c->arguments[0].kind == kNumber) c->arguments[0].value = 0;
  AddLength(r, c);
  AddProt(r, c);
  AddWords(c, kMapFlags, flags);
  if (anonymous) {
    AddNumber(c, -1);
    AddNumber(c, OneIn(r, 4) ? Below(r, 8) * kPage : 0);
  } else {
    AddFile(r, c);
    AddNumber(c, OneIn(r, 32) ? 512 : Below(r, 8) * kPage);
  }
}

// Memory that may be lost at any time.
static inline void MmapDroppable(struct Random* r, struct Call* c) {
  static const struct Word kFlags[] = {WORD(MAP_DROPPABLE),
                                       WORD(MAP_ANONYMOUS),
                                       WORD(MAP_FIXED),
                                       WORD(MAP_LOCKED),
                                       WORD(MAP_GROWSDOWN),
                                       WORD(MAP_POPULATE),
                                       {NULL, 0}};
  static const long kRare[] = {MAP_LOCKED, MAP_GROWSDOWN, MAP_POPULATE};
  long flags = MAP_DROPPABLE | MAP_FIXED;
  bool anonymous = !OneIn(r, 8);
  if (anonymous) flags |= MAP_ANONYMOUS;
  if (OneIn(r, 4)) flags |= PICK(r, kRare);
  SYSCALL(c, mmap);
  AddRange(r, c);
  AddProt(r, c);
  AddWords(c, kFlags, flags);
  if (anonymous) {
    AddNumber(c, -1);
  } else {
    AddFile(r, c);
  }
  AddNumber(c, 0);
}

static inline void Mseal(struct Random* r, struct Call* c) {
  SYSCALL(c, mseal);
  AddRange(r, c);
  AddNumber(c, OneIn(r, 16) ? 1 : 0);
}

static inline void Munmap(struct Random* r, struct Call* c) {
  SYSCALL(c, munmap);
  AddRange(r, c);
}

static inline void Mprotect(struct Random* r, struct Call* c) {
  static const long kOdd[] = {PROT_GROWSDOWN, PROT_GROWSUP,
                              PROT_GROWSDOWN | PROT_GROWSUP, 0x40,
                              PROT_GROWSDOWN | PROT_READ | PROT_WRITE};
  SYSCALL(c, mprotect);
  AddRange(r, c);
  if (OneIn(r, 16)) {
    AddWords(c, kProt, PICK(r, kOdd));
  } else {
    AddProt(r, c);
  }
}

static const struct Word kMremapFlags[] = {WORD(MREMAP_MAYMOVE),
                                           WORD(MREMAP_FIXED),
                                           WORD(MREMAP_DONTUNMAP),
                                           {NULL, 0}};

static inline void Mremap(struct Random* r, struct Call* c) {
  static const long kFlags[] = {
      0,
      MREMAP_MAYMOVE,
      MREMAP_MAYMOVE,
      MREMAP_MAYMOVE | MREMAP_FIXED,
      MREMAP_MAYMOVE | MREMAP_FIXED,
      MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
      MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED};
  SYSCALL(c, mremap);
  AddAddress(r, c);
  long length = OneIn(r, 12) ? 0 : ChooseLength(r);
  long flags = OneIn(r, 24) ? Below(r, 16) : PICK(r, kFlags);
  AddNumber(c, length);
  // DONTUNMAP wants equal sizes.
  AddNumber(c,
            OneIn(r, 3) || flags & MREMAP_DONTUNMAP ? length : ChooseLength(r));
  AddWords(c, kMremapFlags, flags);
  AddAddress(r, c);
}

static inline void RemapFilePages(struct Random* r, struct Call* c) {
  SYSCALL(c, remap_file_pages);
  AddRange(r, c);
  AddNumber(c, OneIn(r, 16) ? PROT_READ : 0);
  AddNumber(c, Below(r, 8));
  AddWords(c, kMapFlags, OneIn(r, 4) ? MAP_NONBLOCK : 0);
}

static inline void Brk(struct Random* r, struct Call* c) {
  SYSCALL(c, brk);
  long offset = (Below(r, 56) - 8) * kPage;
  if (OneIn(r, 4)) offset += Below(r, kPage);
  AddArgument(c, (struct Argument){kHeapAt, offset, NULL});
}

static inline void SetName(struct Random* r, struct Call* c) {
  SYSCALL(c, prctl);
  AddNumber(c, PR_SET_VMA);
  AddNumber(c, OneIn(r, 32) ? 1 : PR_SET_VMA_ANON_NAME);
  AddRange(r, c);
  AddArgument(c, (struct Argument){kName, Below(r, 5), NULL});
}

static inline void Shmat(struct Random* r, struct Call* c) {
  static const struct Word kFlags[] = {WORD(SHM_RDONLY),
                                       WORD(SHM_RND),
                                       WORD(SHM_REMAP),
                                       WORD(SHM_EXEC),
                                       {NULL, 0}};
  SYSCALL(c, shmat);
  AddSegment(r, c);
  if (OneIn(r, 4)) {
    AddNumber(c, 0);
  } else {
    AddAddress(r, c);
  }
  long flags = OneIn(r, 3) ? SHM_RDONLY : 0;
  if (OneIn(r, 2)) flags |= SHM_REMAP;
  if (OneIn(r, 3)) flags |= SHM_RND;
  if (OneIn(r, 16)) flags |= SHM_EXEC;
  AddWords(c, kFlags, flags);
}

static inline void Shmdt(struct Random* r, struct Call* c) {
  SYSCALL(c, shmdt);
  AddAddress(r, c);
}

static inline void CountAttachments(struct Random* r, struct Call* c) {
  FUNCTION(c, Attachments);
  AddSegment(r, c);
}

static inline void LockSegment(struct Random* r, struct Call* c) {
  static const struct Word kCommand[] = {
      {"SHM_LOCK", SHM_LOCK}, {"SHM_UNLOCK", SHM_UNLOCK}, {NULL, 0}};
  static const struct Word kUnlock[] = {{"SHM_UNLOCK", SHM_UNLOCK}, {NULL, 0}};
  SYSCALL(c, shmctl);
  AddSegment(r, c);
  // How much one may lock depends on what others of the same user have locked.
  if (may_lock) {
    ADD_ONE_OF(r, c, kCommand);
  } else {
    ADD_ONE_OF(r, c, kUnlock);
  }
  AddNumber(c, 0);
}

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_MAP_STEPS_H_
