#ifndef FAULTLINE_GUEST_MM_SYNC_INJECT_H_
#define FAULTLINE_GUEST_MM_SYNC_INJECT_H_

// FailSite: a named place where an operation of the memory manager may fail,
// and FailureSource: who decides whether it does. Linux: lib/fault-inject.c,
// should_fail_alloc_page(), should_failslab(), should_fail_usercopy().
//
// Define one `inline constexpr FailSite` next to the code that asks, never two
// with one name, and name it in the list of plugin/inject/site_list.cc, which a
// test compares with the code. Who asks does so once for each try, before
// anything has changed, and then does what it does when the operation itself
// has failed. Where Linux's cannot fail (__GFP_NOFAIL) nobody asks.
//
// No schedule point is passed by asking, so it is allowed under any lock.
// Cost when nobody decides: one load and a branch.

#include <cstdint>

namespace faultline::mm {

struct FailSite {
  const char* name = nullptr;  // "alloc.anon", "swap.read.error"
  const char* what = "";       // what fails, for a list
};

class FailureSource {
 public:
  virtual ~FailureSource() = default;
  // The running actor is about to try `site`'s operation. `address` is the
  // user address it is for; 0: not known, or the one that
  // Actor::work_address() tells. True: it fails.
  virtual bool ShouldFail(const FailSite& site, uint64_t address) = 0;

  static FailureSource* Active() { return active_; }
  // Of this host thread; null: nothing fails. Returns the one before. It must
  // outlive its being active.
  static FailureSource* Install(FailureSource* source);

 private:
  static constinit thread_local FailureSource* active_;
};

// Whether the operation is to fail this time.
inline bool MayFail(const FailSite& site, uint64_t address = 0) {
  FailureSource* const source = FailureSource::Active();
  if (source == nullptr) [[likely]] {
    return false;
  }
  return source->ShouldFail(site, address);
}

// Installed for as long as this lives.
class ScopedFailures {
 public:
  explicit ScopedFailures(FailureSource* source)
      : before_(FailureSource::Install(source)) {}
  ~ScopedFailures() { FailureSource::Install(before_); }
  ScopedFailures(const ScopedFailures&) = delete;
  ScopedFailures& operator=(const ScopedFailures&) = delete;

 private:
  FailureSource* before_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_SYNC_INJECT_H_
