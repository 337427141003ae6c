#ifndef FAULTLINE_PLUGIN_API_GLIB_H_
#define FAULTLINE_PLUGIN_API_GLIB_H_

// The little of GLib that the interface speaks of, from the library that is
// loaded together with the first plug-in: without one it costs nothing.

#include <cstddef>

#include "absl/types/span.h"
#include "plugin/api/qemu_abi.h"

namespace faultline::api {

// False: there is none, and the functions below must not be called.
bool LoadGlib();

// A new array of `size` bytes an element, with a copy of `elements`; whoever
// gets it frees it.
GArray* NewArray(size_t size, const void* elements, size_t count);
// Appends to `array`.
void Append(GByteArray* array, absl::Span<const std::byte> bytes);
// Makes it hold just that.
void Assign(GByteArray* array, absl::Span<const std::byte> bytes);

}  // namespace faultline::api

#endif  // FAULTLINE_PLUGIN_API_GLIB_H_
