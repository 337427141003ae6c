#ifndef FAULTLINE_PLUGIN_EXPLORE_TOKEN_H_
#define FAULTLINE_PLUGIN_EXPLORE_TOKEN_H_

// Token: one printable line that holds all that makes a run, so that somebody
// else has the same one. What a run is a function of are the words of its
// command line (the program and its arguments, the options, the injections, the
// schedule), the directory it starts in, and the files that these name, which
// the token does not hold; the hash of its trace tells whether it came out the
// same.
//
//   flt1+COMMAND+HASH+CWD+WORD+WORD...+CHECKSUM
//
// A word is itself, but for bytes that a shell or a terminal may take for
// something else: these are %XX. So a token can be read, and pasted unquoted.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace faultline::explore {

struct Token {
  std::string command{};  // whose words they are: "run"
  std::string cwd{};      // where it starts, on the host
  std::vector<std::string> words{};
  std::optional<uint64_t> trace_hash{};  // nothing: nobody has looked
};

std::string Encode(const Token& token);

// InvalidArgument: not a token, of another version, or damaged; says which.
// White space around it is no harm.
absl::StatusOr<Token> Decode(std::string_view text);

}  // namespace faultline::explore

#endif  // FAULTLINE_PLUGIN_EXPLORE_TOKEN_H_
