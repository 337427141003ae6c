#ifndef FAULTLINE_GUEST_MM_SYNC_FOOTPRINT_H_
#define FAULTLINE_GUEST_MM_SYNC_FOOTPRINT_H_

// Footprint: which shared objects a step of an actor's looks at or changes, for
// who explores schedules: two steps that touch nothing in common can be swapped
// and nobody sees a difference (Godefroid, "Partial-order methods", 1996).
//
// Told of are the things that actors share without a lock between them: locks
// themselves, page-table entries, counts of frames, page caches, wait queues,
// the allocator. What is only read or written under a lock need not be: whoever
// comes first to it comes first to the lock.
// An object is told by its address, only to tell it from others.
//
// Cost when nobody listens: one load and a branch.

namespace faultline::mm {

class Footprint {
 public:
  virtual ~Footprint() = default;
  virtual void OnRead(const void* object) = 0;
  virtual void OnWrite(const void* object) = 0;

  // Of this host thread; null: nobody. Returns the one before.
  static Footprint* Install(Footprint* listener) {
    Footprint* const before = active_;
    active_ = listener;
    return before;
  }

 private:
  friend void NoteRead(const void* object);
  friend void NoteWrite(const void* object);
  static inline constinit thread_local Footprint* active_ = nullptr;
};

inline void NoteRead(const void* object) {
  if (Footprint::active_ != nullptr) [[unlikely]] {
    Footprint::active_->OnRead(object);
  }
}
inline void NoteWrite(const void* object) {
  if (Footprint::active_ != nullptr) [[unlikely]] {
    Footprint::active_->OnWrite(object);
  }
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_FOOTPRINT_H_
