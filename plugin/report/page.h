#ifndef FAULTLINE_PLUGIN_REPORT_PAGE_H_
#define FAULTLINE_PLUGIN_REPORT_PAGE_H_

// The page that shows traces: one file of HTML that needs no other. Its parts
// are in assets/; the traces lie in it as columns of numbers, in base64.

#include <string>
#include <vector>

#include "plugin/report/trace_data.h"

namespace faultline::report {

// One trace, or two to compare.
std::string MakePage(std::vector<TraceData> traces);

}  // namespace faultline::report

#endif  // FAULTLINE_PLUGIN_REPORT_PAGE_H_
