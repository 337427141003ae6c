#include "guest_mm/file/mapped_file.h"

#include "guest_mm/file/mapping.h"

namespace faultline::mm {

ErrnoOr<Done> MappedFile::PunchHole(uint64_t offset, uint64_t length) {
  mapping().PunchHole(offset, length);
  return kDone;
}

}  // namespace faultline::mm
