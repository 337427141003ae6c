#ifndef FAULTLINE_TESTS_DIFFERENTIAL_DRIVER_SHRINK_H_
#define FAULTLINE_TESTS_DIFFERENTIAL_DRIVER_SHRINK_H_

// Delta debugging (Zeller and Hildebrandt's ddmin, complements only): leaves
// out pieces of a list of steps, ever smaller ones, as long as what is left
// still shows the difference.

#include <functional>
#include <vector>

namespace faultline::differential {

using Steps = std::vector<int>;

// For each list, whether the two sides differ on it. Lists come in batches,
// since starting a side may cost far more than running one list.
using DiffersBatch =
    std::function<std::vector<bool>(const std::vector<Steps>& lists)>;

// A part of `steps`, in order, that still differs and of which no single step
// can be left out. `steps` itself must differ.
Steps Shrink(Steps steps, const DiffersBatch& differs);

}  // namespace faultline::differential

#endif  // FAULTLINE_TESTS_DIFFERENTIAL_DRIVER_SHRINK_H_
