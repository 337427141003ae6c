// What a user writes after --inject: any text is a rule or has an error, and a
// rule that was understood says the same when it is printed and read again.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "guest_mm/base/check.h"
#include "plugin/inject/rule.h"
#include "plugin/inject/site_list.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace inject = faultline::inject;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto rule = inject::ParseRule(text);
  if (!rule.ok()) {
    FL_CHECK(!rule.status().message().empty());
    return 0;
  }
  (void)inject::CheckSite(*rule);
  const std::string printed = inject::ToString(*rule);
  const auto again = inject::ParseRule(printed);
  FL_CHECK(again.ok() && inject::ToString(*again) == printed);
  return 0;
}
