#ifndef FAULTLINE_PLUGIN_LINUX_REPORT_TAG_TEXT_H_
#define FAULTLINE_PLUGIN_LINUX_REPORT_TAG_TEXT_H_

// What a report says of a tag fault: the tags around the address, and who
// stored the one that did not match.

#include <cstdint>
#include <string>

namespace faultline::os {

class Task;

// The tag of the granule at `pointer`; -1: there is no tagged page.
int MemoryTagAt(Task& task, uint64_t pointer);

// Some lines, or nothing where no page is.
std::string TagText(Task& task, uint64_t pointer);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_REPORT_TAG_TEXT_H_
