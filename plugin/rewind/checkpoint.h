#ifndef FAULTLINE_PLUGIN_REWIND_CHECKPOINT_H_
#define FAULTLINE_PLUGIN_REWIND_CHECKPOINT_H_

// Checkpoint: host memory that can be put back to what it was, again and again,
// at the price of the pages that were written to: what fork() does for a
// process, without the process.
//
// The first write to a page after Save() is a fault of the host's (SIGSEGV), in
// which the page is copied aside; from then on it is copied back by every
// Restore(), copied aside by every Save(), and costs nothing else.
// One at a time in a process, on one thread; it is none of what it watches.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace faultline::rewind {

class Checkpoint {
 public:
  Checkpoint() = default;
  ~Checkpoint();  // the memory stays as it is, and writable
  Checkpoint(const Checkpoint&) = delete;
  Checkpoint& operator=(const Checkpoint&) = delete;

  // A stretch of private writable memory, in whole pages, from the next Save()
  // on. One that is known already may have grown.
  void Add(std::byte* start, size_t bytes);
  // What Restore() puts back from now on. False if the host refuses; then it is
  // of no use any more.
  bool Save();
  void Restore();
  // Pages that differ from the saved state or have done so once.
  size_t pages() const { return hot_.size(); }

 private:
  struct Region {
    std::byte* start;
    size_t bytes;
    size_t watched = 0;  // of them
  };
  struct Page {
    std::byte* at;
    std::byte* saved;
  };
  bool Begin();
  static void OnFault(int signal, void* info, void* context);
  bool Remember(std::byte* at);
  std::byte* NextCopy();

  std::vector<Region> regions_;
  std::vector<Page> hot_;
  std::byte* copies_ = nullptr;  // room for the next ones
  size_t copies_left_ = 0;
  std::vector<std::byte*> blocks_;
  bool saved_ = false;
};

}  // namespace faultline::rewind

#endif  // FAULTLINE_PLUGIN_REWIND_CHECKPOINT_H_
