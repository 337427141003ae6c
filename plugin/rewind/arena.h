#ifndef FAULTLINE_PLUGIN_REWIND_ARENA_H_
#define FAULTLINE_PLUGIN_REWIND_ARENA_H_

// Arena: a stretch of host memory that operator new takes from while the thread
// is inside it. All objects of an experiment then lie together, its allocator's
// own state included, and can be put back to what they were byte by byte
// (checkpoint.h).
//
// What outlives the experiment must be made outside; static objects of
// functions see to that by themselves. Giving back what lies in
// an arena that has gone is nothing. Not with sanitizers, whose allocator must
// see everything: there it is never active.

#include <cstddef>
#include <cstdint>

namespace faultline::rewind {

class Arena {
 public:
  // Reserves `bytes` of address space. ok() says whether there is any.
  explicit Arena(size_t bytes = kBytes);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  static bool Supported();
  bool ok() const { return base_ != nullptr; }

  // What operator new takes from on this thread; null: the host's allocator.
  static Arena* Active() { return active_; }

  // Null if there is no room. Aligned to 16 bytes, or `align`.
  void* Allocate(size_t bytes, size_t align = kAlign);
  void Free(void* at);

  std::byte* base() const { return base_; }
  // Bytes from base() on that have ever been given out.
  size_t used() const;

  // Around the making of a static object: it is never an arena's. Nest.
  static void BeginStatic();
  static void EndStatic();

 private:
  friend class InsideArena;
  friend class OutsideArena;
  static constexpr size_t kBytes = size_t{8} << 30;
  static constexpr size_t kAlign = 16;
  struct State;
  State& state() const { return *reinterpret_cast<State*>(base_); }

  static constinit thread_local Arena* active_;
  std::byte* base_ = nullptr;
  size_t bytes_ = 0;
};

// Allocations of this thread are the arena's for as long as this lives. Null:
// nothing changes.
class InsideArena {
 public:
  explicit InsideArena(Arena* arena) : before_(Arena::active_) {
    if (arena != nullptr) {
      Arena::active_ = arena;
    }
  }
  ~InsideArena() { Arena::active_ = before_; }
  InsideArena(const InsideArena&) = delete;
  InsideArena& operator=(const InsideArena&) = delete;

 private:
  Arena* before_;
};

class OutsideArena {
 public:
  OutsideArena() : before_(Arena::active_) { Arena::active_ = nullptr; }
  ~OutsideArena() { Arena::active_ = before_; }
  OutsideArena(const OutsideArena&) = delete;
  OutsideArena& operator=(const OutsideArena&) = delete;

 private:
  Arena* before_;
};

}  // namespace faultline::rewind

#endif  // FAULTLINE_PLUGIN_REWIND_ARENA_H_
