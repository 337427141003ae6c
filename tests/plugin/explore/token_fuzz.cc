// Tokens come from mails and terminals: any text is one, or is refused.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "guest_mm/base/check.h"
#include "plugin/explore/token.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace explore = faultline::explore;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto token = explore::Decode(text);
  if (token.ok()) {
    const auto again = explore::Decode(explore::Encode(*token));
    FL_CHECK(again.ok() && again->words == token->words &&
             again->cwd == token->cwd && again->command == token->command &&
             again->trace_hash == token->trace_hash);
  }
  return 0;
}
