#include "guest_mm/file/mapped_file.h"

#include "guest_mm/file/mapping.h"
#include "guest_mm/hugetlb/hugetlb_file.h"

namespace faultline::mm {

ErrnoOr<Done> MappedFile::PunchHole(uint64_t offset, uint64_t length) {
  if (HugetlbFile* const huge = hugetlb(); huge != nullptr) {
    WriteGuard guard(huge->lock());
    huge->PunchHole(offset, length);
  } else {
    mapping().PunchHole(offset, length);
  }
  return kDone;
}

}  // namespace faultline::mm
