#ifndef FAULTLINE_PLUGIN_SCRIPT_FAILURES_H_
#define FAULTLINE_PLUGIN_SCRIPT_FAILURES_H_

// Failures: what a script has made to fail: the nth passing of a site from when
// it said so.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "guest_mm/sync/inject.h"

namespace faultline::script {

class Failures : public mm::FailureSource {
 public:
  // The `nth` passing from now on, of any actor or of this one.
  void Fail(const std::string& site, uint64_t nth,
            std::optional<uint32_t> actor);
  // What is still to come is not to.
  void Clear() { rules_.clear(); }
  // How often a site was passed, and made to fail.
  uint64_t passings(const std::string& site) const;

  bool ShouldFail(const mm::FailSite& site, uint64_t address) override;

 private:
  struct Rule {
    std::string site;
    uint64_t left;
    std::optional<uint32_t> actor;
  };
  std::vector<Rule> rules_;
  std::map<std::string, uint64_t, std::less<>> passings_;
};

}  // namespace faultline::script

#endif  // FAULTLINE_PLUGIN_SCRIPT_FAILURES_H_
