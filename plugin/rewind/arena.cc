#include "plugin/rewind/arena.h"

#include <sys/mman.h>

#include <bit>
#include <cstdlib>
#include <new>
#include <utility>

#include "guest_mm/sync/sanitizer.h"
#include "guest_mm/sync/stack_memory.h"

namespace faultline::rewind {
namespace {

constexpr size_t kClasses = 40;
constexpr size_t kSmall = 512;  // up to here, a class each 16 bytes

// Before every block. What is free is linked through its first word.
struct Header {
  uint32_t klass;
  uint32_t before;  // bytes between the block's start and this
  uint64_t unused;
};
static_assert(sizeof(Header) == 16);

size_t ClassOf(size_t bytes) {
  return bytes <= kSmall ? (bytes + 15) / 16
                         : kSmall / 16 + std::bit_width((bytes - 1) / kSmall);
}
size_t BytesOf(size_t klass) {
  return klass <= kSmall / 16 ? klass * 16 : kSmall << (klass - kSmall / 16);
}

// Where arenas are: a pointer of one that has gone is known by this.
constinit std::byte* lowest = nullptr;
constinit std::byte* highest = nullptr;

bool InSomeArena(const void* at) {
  const auto* const p = static_cast<const std::byte*>(at);
  return p >= lowest && p < highest;
}

constexpr size_t kHostPage = 4096;

// Stacks of fibers are state like any other.
constexpr mm::StackMemory kStacks = {
    .take = [](size_t bytes) -> void* {
      Arena* const arena = Arena::Active();
      return arena == nullptr ? nullptr : arena->Allocate(bytes, kHostPage);
    },
    .give_back =
        [](void* at) {
          if (!InSomeArena(at)) {
            return false;
          }
          if (Arena* const arena = Arena::Active()) {
            arena->Free(at);
          }
          return true;
        },
};

// Objects with static storage outlive every arena, however deep inside they are
// first made.
constinit thread_local int statics_begun = 0;
constinit thread_local Arena* before_statics = nullptr;

}  // namespace

constinit thread_local Arena* Arena::active_ = nullptr;

// At its start, so that it is put back with the rest.
struct Arena::State {
  size_t used = 0;
  void* free[kClasses + kSmall / 16] = {};
};

bool Arena::Supported() { return !mm::kAddressSanitizer; }

// One after the other in a stretch that is never given back, so that it can be
// told what is of an arena. A new one takes the place of the one before.
Arena::Arena(size_t bytes) {
  constexpr size_t kPlaces = 8;
  static constinit std::byte* places = nullptr;
  if (!Supported() || bytes > kBytes) {
    return;
  }
  if (places == nullptr) {
    void* const map = mmap(nullptr, kPlaces * kBytes, PROT_NONE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED) {
      return;
    }
    places = lowest = static_cast<std::byte*>(map);
    highest = lowest + kPlaces * kBytes;
  }
  static constinit size_t next = 0;
  std::byte* const place = places + (next++ % kPlaces) * kBytes;
  if (mmap(place, bytes, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
           0) == MAP_FAILED) {
    return;
  }
  mm::SetStackMemory(&kStacks);
  base_ = place;
  bytes_ = bytes;
  new (base_) State{.used = (sizeof(State) + kAlign - 1) / kAlign * kAlign};
}

Arena::~Arena() {
  if (base_ != nullptr) {
    mmap(base_, bytes_, PROT_NONE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  }
}

size_t Arena::used() const { return state().used; }

void* Arena::Allocate(size_t bytes, size_t align) {
  State& s = state();
  if (bytes > bytes_) {
    return nullptr;
  }
  const size_t extra = align > kAlign ? align : 0;
  const size_t klass = ClassOf(sizeof(Header) + bytes + extra);
  std::byte* block = nullptr;
  if (s.free[klass] != nullptr) {
    block = static_cast<std::byte*>(s.free[klass]);
    s.free[klass] = *reinterpret_cast<void**>(block);
  } else {
    const size_t size = BytesOf(klass);
    if (size > bytes_ - s.used) {
      return nullptr;
    }
    block = base_ + s.used;
    s.used += size;
  }
  std::byte* at = block + sizeof(Header);
  if (extra != 0) {
    at += (align - reinterpret_cast<uintptr_t>(at) % align) % align;
  }
  new (at - sizeof(Header))
      Header{.klass = uint32_t(klass),
             .before = uint32_t(at - sizeof(Header) - block),
             .unused = 0};
  return at;
}

void Arena::Free(void* at) {
  auto* const p = static_cast<std::byte*>(at);
  if (p < base_ || p >= base_ + bytes_) {
    return;  // of one that has gone
  }
  const auto* const header = reinterpret_cast<Header*>(p - sizeof(Header));
  const uint32_t klass = header->klass;
  std::byte* const block = p - sizeof(Header) - header->before;
  *reinterpret_cast<void**>(block) = state().free[klass];
  state().free[klass] = block;
}

void Arena::BeginStatic() {
  if (statics_begun++ == 0) {
    before_statics = std::exchange(active_, nullptr);
  }
}

void Arena::EndStatic() {
  if (--statics_begun == 0) {
    active_ = before_statics;
  }
}

#ifndef FL_ASAN
namespace {

void* New(size_t bytes, size_t align) {
  if (Arena* const arena = Arena::Active(); arena != nullptr) [[unlikely]] {
    return arena->Allocate(bytes, align);
  }
  if (align <= alignof(std::max_align_t)) {
    return std::malloc(bytes == 0 ? 1 : bytes);
  }
  return std::aligned_alloc(align, (bytes + align - 1) / align * align);
}

void* NewOrThrow(size_t bytes, size_t align) {
  void* const at = New(bytes, align);
  if (at == nullptr) [[unlikely]] {
    throw std::bad_alloc();
  }
  return at;
}

void Delete(void* at) {
  if (InSomeArena(at)) [[unlikely]] {
    if (Arena* const arena = Arena::Active()) {
      arena->Free(at);
    }
    return;
  }
  std::free(at);
}

}  // namespace
#endif
}  // namespace faultline::rewind

#ifndef FL_ASAN
// Of the whole program: see the head of arena.h.
using faultline::rewind::Delete;
using faultline::rewind::NewOrThrow;
constexpr size_t kUsual = alignof(std::max_align_t);
void* operator new(size_t n) { return NewOrThrow(n, kUsual); }
void* operator new[](size_t n) { return NewOrThrow(n, kUsual); }
void* operator new(size_t n, std::align_val_t a) {
  return NewOrThrow(n, size_t(a));
}
void* operator new[](size_t n, std::align_val_t a) {
  return NewOrThrow(n, size_t(a));
}
void* operator new(size_t n, const std::nothrow_t&) noexcept {
  return faultline::rewind::New(n, kUsual);
}
void* operator new[](size_t n, const std::nothrow_t&) noexcept {
  return faultline::rewind::New(n, kUsual);
}
void operator delete(void* p) noexcept { Delete(p); }
void operator delete[](void* p) noexcept { Delete(p); }
void operator delete(void* p, size_t) noexcept { Delete(p); }
void operator delete[](void* p, size_t) noexcept { Delete(p); }
void operator delete(void* p, std::align_val_t) noexcept { Delete(p); }
void operator delete[](void* p, std::align_val_t) noexcept { Delete(p); }
void operator delete(void* p, size_t, std::align_val_t) noexcept { Delete(p); }
void operator delete[](void* p, size_t, std::align_val_t) noexcept {
  Delete(p);
}
void operator delete(void* p, const std::nothrow_t&) noexcept { Delete(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { Delete(p); }
#endif

// The compiler's calls around the making of a static object in a function; the
// linker leads them here (--wrap).
extern "C" {
int __real___cxa_guard_acquire(uint64_t* guard);
void __real___cxa_guard_release(uint64_t* guard);
void __real___cxa_guard_abort(uint64_t* guard);

int __wrap___cxa_guard_acquire(uint64_t* guard) {
  const int first = __real___cxa_guard_acquire(guard);
  if (first != 0) {
    faultline::rewind::Arena::BeginStatic();
  }
  return first;
}
void __wrap___cxa_guard_release(uint64_t* guard) {
  faultline::rewind::Arena::EndStatic();
  __real___cxa_guard_release(guard);
}
void __wrap___cxa_guard_abort(uint64_t* guard) {
  faultline::rewind::Arena::EndStatic();
  __real___cxa_guard_abort(guard);
}
}
