#include "guest_mm/sync/inject.h"

#include <utility>

namespace faultline::mm {

constinit thread_local FailureSource* FailureSource::active_ = nullptr;

FailureSource* FailureSource::Install(FailureSource* source) {
  return std::exchange(active_, source);
}

}  // namespace faultline::mm
