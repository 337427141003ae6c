#ifndef FAULTLINE_PLUGIN_LAB_CLAIMS_PAGE_H_
#define FAULTLINE_PLUGIN_LAB_CLAIMS_PAGE_H_

#include <string>

namespace faultline::lab {

// docs/claims.md: every claim, what it is about, and what running it now has
// shown on each architecture. Takes some seconds.
std::string ClaimsMarkdown();

}  // namespace faultline::lab

#endif  // FAULTLINE_PLUGIN_LAB_CLAIMS_PAGE_H_
