#ifndef FAULTLINE_PLUGIN_REPORT_ASSETS_H_
#define FAULTLINE_PLUGIN_REPORT_ASSETS_H_

// The files of assets/, which are part of the program.

#include <string_view>

namespace faultline::report {

// "page.html" -> its text; "" if there is no such file.
std::string_view Asset(std::string_view name);

}  // namespace faultline::report

#endif  // FAULTLINE_PLUGIN_REPORT_ASSETS_H_
