#include "tests/bench/measure.h"

namespace faultline::bench {
namespace {

struct Samples {
  std::vector<double> full;
  std::vector<double> base;
  absl::Status status;
};

void RunOnce(const Command& command, std::vector<double>& times,
             absl::Status& status) {
  if (!status.ok() || command.empty()) {
    return;
  }
  absl::StatusOr<Cost> cost = Run(command);
  if (cost.ok()) {
    times.push_back(cost->cpu_s);
  } else {
    status = cost.status();
  }
}

Seconds PerOperation(const Samples& samples, const Contestant& contestant) {
  if (!samples.status.ok()) {
    return samples.status;
  }
  double base = samples.base.empty() ? 0 : Median(samples.base);
  return (Median(samples.full) - base) / contestant.operations;
}

}  // namespace

std::vector<Seconds> Measure(const std::vector<Contestant>& contestants,
                             int runs) {
  std::vector<Samples> samples(contestants.size());
  // Once without counting: memory that the host has not given out before costs
  // whoever comes first several times what it costs then.
  for (const Contestant& contestant : contestants) {
    Samples uncounted;
    RunOnce(contestant.full, uncounted.full, uncounted.status);
  }
  for (int run = 0; run < runs; run++) {
    for (size_t i = 0; i < contestants.size(); i++) {
      RunOnce(contestants[i].full, samples[i].full, samples[i].status);
      RunOnce(contestants[i].base, samples[i].base, samples[i].status);
    }
  }
  std::vector<Seconds> results;
  for (size_t i = 0; i < contestants.size(); i++) {
    results.push_back(PerOperation(samples[i], contestants[i]));
  }
  return results;
}

}  // namespace faultline::bench
