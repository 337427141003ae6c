#ifndef FAULTLINE_PLUGIN_API_SCOREBOARD_H_
#define FAULTLINE_PLUGIN_API_SCOREBOARD_H_

// An element of a plug-in's own for each vCPU there has been, zero at first.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "guest_mm/base/check.h"

struct qemu_plugin_scoreboard {
  explicit qemu_plugin_scoreboard(size_t bytes) : element(bytes) {}

  // Makes room for `count` elements, and `running` the one of who runs. Moves
  // all of them if it grows.
  void Fit(size_t count, size_t running) {
    if (count * element > cells.size() * sizeof cells[0]) {
      cells.resize((2 * count * element + sizeof cells[0] - 1) /
                   sizeof cells[0]);
    }
    elements = std::max(elements, count);
    current = At(running);
  }
  std::byte* At(size_t index) {
    FL_CHECK(index < elements);
    return reinterpret_cast<std::byte*>(cells.data()) + index * element;
  }

  // Without padding, which nobody would make zero.
  struct alignas(16) Cell {
    uint64_t words[2] = {};
  };

  size_t element;
  size_t elements = 0;
  std::vector<Cell> cells{};
  std::byte* current = nullptr;
};

#endif  // FAULTLINE_PLUGIN_API_SCOREBOARD_H_
