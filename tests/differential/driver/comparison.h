#ifndef FAULTLINE_TESTS_DIFFERENTIAL_DRIVER_COMPARISON_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_DRIVER_COMPARISON_H_

// Runs batches of seeds on both sides, compares what they print, and shortens
// what differs.

#include <atomic>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "guest_mm/profile/behaviour.h"
#include "tests/differential/driver/side.h"

namespace faultline::differential {

struct Settings {
  std::string seeds, arch = "x86_64", tree = "build", oracle, release;
  int steps = 200, jobs = 2, batch = 20, seconds = 0, differences = 1;
  bool huge_pages = false, userfaults = false, tags = false,
       compared_only = false;
  std::vector<std::string> without, run_options;
};

// The exit status of what cannot be compared here, as CTest is told.
constexpr int kSkipped = 77;

// Of "6.18.44-fc": 6.18.
mm::KernelVersion VersionOf(const std::string& release);

class Comparison {
 public:
  explicit Comparison(Settings settings) : settings_(std::move(settings)) {}

  // The exit status: 0 no difference, 1 some, 2 it could not be tried.
  int Run();

 private:
  // By case: what Linux did, what Faultline did.
  using Pair = std::pair<std::vector<Trace>, std::vector<Trace>>;

  // 0, or the exit status.
  int SetUp();
  void Work();
  void CompareBatch(uint64_t first, uint64_t count);
  // The steps of a trace as a C program; its path.
  std::string WriteReproducer(uint64_t seed, const Trace& trace);
  void Shorten(uint64_t seed, const Trace& linux_trace, size_t line);
  // Of what differs in a batch: is it so again, in the batch and alone?
  void Judge(uint64_t seed, const Pair& traces, const Pair& again, size_t i);
  void Tell(uint64_t seed, absl::string_view what, const Pair& traces,
            size_t i);
  // Both sides at once.
  Pair RunBoth(const std::vector<std::string>& cases,
               absl::Span<const std::string> options = {});

  Settings settings_;
  Side linux_, faultline_;
  uint64_t first_ = 0, last_ = 0;
  double start_ = 0;
  std::atomic<uint64_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;  // guards what follows, and the output
  uint64_t lines_ = 0;
  int found_ = 0;
  int found_once_ = 0;  // Linux, which is not repeatable, did otherwise later
  double linux_s_ = 0, faultline_s_ = 0;
};

}  // namespace faultline::differential

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_DRIVER_COMPARISON_H_
