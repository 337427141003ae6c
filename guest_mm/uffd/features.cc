#include "guest_mm/uffd/features.h"

namespace faultline::mm {

uint64_t UffdKnownFeatures(const BehaviourSet& behaviours) {
  switch (behaviours.uffd_features()) {
    case UffdFeatures::kMinorShmem:
      return kUffdExactAddress - 1;
    case UffdFeatures::kExactAddress:
      return kUffdWpHugetlbfsShmem - 1;
    case UffdFeatures::kWpShmem:
      return kUffdWpUnpopulated - 1;
    case UffdFeatures::kWpUnpopulated:
      return kUffdPoison - 1;
    case UffdFeatures::kPoison:
      return kUffdWpAsync - 1;
    case UffdFeatures::kWpAsync:
      return kUffdMove - 1;
    case UffdFeatures::kMove:
      break;
  }
  return kUffdAllFeatures;
}

const char* ToString(UffdEventKind kind) {
  switch (kind) {
    case UffdEventKind::kPagefault:
      return "pagefault";
    case UffdEventKind::kFork:
      return "fork";
    case UffdEventKind::kRemap:
      return "remap";
    case UffdEventKind::kRemove:
      return "remove";
    case UffdEventKind::kUnmap:
      return "unmap";
  }
  return "?";
}

const char* ToString(UffdIoctl ioctl) {
  switch (ioctl) {
    case UffdIoctl::kRegister:
      return "register";
    case UffdIoctl::kUnregister:
      return "unregister";
    case UffdIoctl::kWake:
      return "wake";
    case UffdIoctl::kCopy:
      return "copy";
    case UffdIoctl::kZeropage:
      return "zeropage";
    case UffdIoctl::kMove:
      return "move";
    case UffdIoctl::kWriteProtect:
      return "writeprotect";
    case UffdIoctl::kContinue:
      return "continue";
    case UffdIoctl::kPoison:
      return "poison";
    case UffdIoctl::kApi:
      return "api";
  }
  return "?";
}

}  // namespace faultline::mm
