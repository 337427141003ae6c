#ifndef FAULTLINE_TESTS_DIFFERENTIAL_CALL_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_CALL_H_

// A call that a step makes, before it is made: of a system call or of a
// function of world.h, with arguments that can be both computed and written
// down as C.

#include "tests/differential/guest/random.h"
#include "tests/differential/guest/world.h"

// A name for a value, or for a set of bits in it; the list ends with a null.
struct Word {
  const char* text;
  long value;
};

enum ArgumentKind {
  kNumber,   // value, in hexadecimal
  kArenaAt,  // A + value
  kHeapAt,   // H + value
  kScratch,  // V
  kFile,     // file[value]
  kSegment,  // segment[value]
  kName,     // name[value]
  kWord,     // the word that is value
  kWords,    // value as the words it is made of
};

struct Argument {
  enum ArgumentKind kind;
  long value;
  const struct Word* words;
};

typedef long Function(long, long, long, long, long, long);

struct Call {
  const char* name;
  long number;         // of a system call
  Function* function;  // or what to call instead
  int count;           // of the arguments
  struct Argument arguments[6];
  // What the call does to the list of living processes: the slot that comes
  // to life or ends; 0 for none.
  int forks, ends;
};

// What a step of one class may do. It fills `call` from `r`, which gives the
// same numbers whatever else has happened.
typedef void Chooser(struct Random* r, struct Call* call);

struct Operation {
  const char* class_name;
  int weight;
  Chooser* choose;
};

static inline void SetSyscall(struct Call* call, const char* call_name,
                              long number) {
  call->name = call_name;
  call->number = number;
}

// `function` takes up to six integers or pointers.
static inline void SetFunction(struct Call* call, const char* call_name,
                               void* function) {
  call->name = call_name;
  call->function = (Function*)(uintptr_t)function;
}

static inline void AddArgument(struct Call* call, struct Argument argument) {
  call->arguments[call->count++] = argument;
}

static inline void AddNumber(struct Call* call, long value) {
  AddArgument(call, (struct Argument){kNumber, value, NULL});
}

static inline char* Copy(char* to, const char* from) {
  while (*from) *to++ = *from++;
  *to = 0;
  return to;
}

static inline char* Hex(char* to, long value) {
  unsigned long rest = value < 0 ? -(unsigned long)value : (unsigned long)value;
  to = Copy(to, value < 0 ? "-0x" : "0x");
  int shift = 60;
  while (shift > 0 && rest >> shift == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) *to++ = "0123456789abcdef"[rest >> shift & 15];
  *to = 0;
  return to;
}

static inline char* Relative(char* to, const char* base, long offset) {
  to = Copy(to, base);
  if (offset == 0) return to;
  to = Copy(to, offset < 0 ? " - " : " + ");
  return Hex(to, offset < 0 ? -offset : offset);
}

static inline char* Indexed(char* to, const char* array, long index) {
  to = Copy(to, array);
  *to++ = '[';
  *to++ = (char)('0' + index);
  return Copy(to, "]");
}

static inline char* Words(char* to, const struct Argument* argument) {
  long rest = argument->value;
  const char* separator = "";
  for (const struct Word* word = argument->words; word->text; word++) {
    bool has = argument->kind == kWord
                   ? rest == word->value && *separator == 0
                   : word->value != 0 && (rest & word->value) == word->value;
    if (!has) continue;
    to = Copy(Copy(to, separator), word->text);
    if (argument->kind == kWord) return to;
    rest &= ~word->value;
    separator = " | ";
  }
  if (rest != 0 || *separator == 0) to = Hex(Copy(to, separator), rest);
  return to;
}

static inline char* WriteArgument(char* to, const struct Argument* argument) {
  switch (argument->kind) {
    case kNumber:
      return Hex(to, argument->value);
    case kArenaAt:
      return Relative(to, "A", argument->value);
    case kHeapAt:
      return Relative(to, "H", argument->value);
    case kScratch:
      return Copy(to, "V");
    case kFile:
      return Indexed(to, "file", argument->value);
    case kSegment:
      return Indexed(to, "segment", argument->value);
    case kName:
      return Indexed(to, "name", argument->value);
    case kWord:
    case kWords:
      return Words(to, argument);
  }
  return to;
}

// The call as C text, "mmap(A + 0x3000, ...)": system calls without what calls
// them. `text` has room for 512 bytes.
static inline void WriteCall(const struct Call* call, char* text) {
  char* to = Copy(Copy(text, call->name), "(");
  for (int i = 0; i < call->count; i++) {
    if (i > 0) to = Copy(to, ", ");
    to = WriteArgument(to, &call->arguments[i]);
  }
  Copy(to, ")");
}

static inline long Value(const struct Argument* argument) {
  switch (argument->kind) {
    case kArenaAt:
      return (long)A + argument->value;
    case kHeapAt:
      return (long)H + argument->value;
    case kScratch:
      return (long)V;
    case kFile:
      return file[argument->value];
    case kSegment:
      return segment[argument->value];
    case kName:
      return (long)name[argument->value];
    default:
      return argument->value;
  }
}

// Makes the call; errno tells more when the result is -1.
static inline long Perform(const struct Call* call) {
  long v[6] = {0};
  for (int i = 0; i < call->count; i++) v[i] = Value(&call->arguments[i]);
  if (call->function) {
    return call->function(v[0], v[1], v[2], v[3], v[4], v[5]);
  }
  if (call->number == SYS_mremap && call->arguments[0].kind == kHeapAt) {
    heap_moved = true;
  }
  return syscall(call->number, v[0], v[1], v[2], v[3], v[4], v[5]);
}

#define SYSCALL(call, name) SetSyscall(call, #name, SYS_##name)
#define FUNCTION(call, name) SetFunction(call, #name, (void*)(name))

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_CALL_H_
