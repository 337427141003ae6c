#include "plugin/api/glib.h"

#include <dlfcn.h>

#include "guest_mm/base/check.h"

namespace faultline::api {
namespace {

// GLib's guint, gboolean and guint8 (docs.gtk.org/glib, "Arrays").
struct Functions {
  GArray* (*array_new)(int zero_terminated, int clear, unsigned size);
  GArray* (*array_append)(GArray* array, const void* data, unsigned count);
  GByteArray* (*bytes_append)(GByteArray* array, const uint8_t* data,
                              unsigned count);
  GByteArray* (*bytes_resize)(GByteArray* array, unsigned count);
};

Functions* functions = nullptr;

template <typename F>
bool Find(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace

bool LoadGlib() {
  if (functions != nullptr) {
    return true;
  }
  static Functions found;
  void* const library = dlopen("libglib-2.0.so.0", RTLD_NOW | RTLD_GLOBAL);
  if (library != nullptr && Find(library, "g_array_new", found.array_new) &&
      Find(library, "g_array_append_vals", found.array_append) &&
      Find(library, "g_byte_array_append", found.bytes_append) &&
      Find(library, "g_byte_array_set_size", found.bytes_resize)) {
    functions = &found;
  }
  return functions != nullptr;
}

GArray* NewArray(size_t size, const void* elements, size_t count) {
  FL_CHECK(functions != nullptr);
  GArray* const array = functions->array_new(0, 1, unsigned(size));
  return functions->array_append(array, elements, unsigned(count));
}

void Append(GByteArray* array, absl::Span<const std::byte> bytes) {
  FL_CHECK(functions != nullptr);
  functions->bytes_append(array, reinterpret_cast<const uint8_t*>(bytes.data()),
                          unsigned(bytes.size()));
}

void Assign(GByteArray* array, absl::Span<const std::byte> bytes) {
  FL_CHECK(functions != nullptr);
  functions->bytes_resize(array, 0);
  Append(array, bytes);
}

}  // namespace faultline::api
