#include "plugin/explore/token.h"

#include <cctype>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace faultline::explore {
namespace {

constexpr std::string_view kVersion = "flt1";
constexpr size_t kHeader = 4;  // parts before the words

bool IsPlain(char c) {
  return std::isalnum(uint8_t(c)) != 0 ||
         std::string_view("-_./:=,@").find(c) != std::string_view::npos;
}

std::string Escape(std::string_view word) {
  std::string out;
  for (char c : word) {
    if (IsPlain(c)) {
      out += c;
    } else {
      absl::StrAppendFormat(&out, "%%%02x", uint8_t(c));
    }
  }
  return out;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::optional<std::string> Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      if (!IsPlain(text[i])) {
        return std::nullopt;
      }
      out += text[i];
      continue;
    }
    if (text.size() - i < 3 || HexDigit(text[i + 1]) < 0 ||
        HexDigit(text[i + 2]) < 0) {
      return std::nullopt;
    }
    out += char(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
    i += 2;
  }
  return out;
}

// FNV-1a: against accidents, not enemies.
std::string Checksum(std::string_view text) {
  uint32_t hash = 2166136261u;
  for (char c : text) {
    hash = (hash ^ uint8_t(c)) * 16777619u;
  }
  return absl::StrFormat("%08x", hash);
}

absl::Status Bad(std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("not a replay token: ", std::string(why)));
}

}  // namespace

std::string Encode(const Token& token) {
  std::string body = absl::StrCat(
      std::string(kVersion), "+", Escape(token.command), "+",
      token.trace_hash.has_value() ? absl::StrFormat("%016x", *token.trace_hash)
                                   : "-",
      "+", Escape(token.cwd));
  for (const std::string& word : token.words) {
    absl::StrAppend(&body, "+", Escape(word));
  }
  return absl::StrCat(body, "+", Checksum(body));
}

absl::StatusOr<Token> Decode(std::string_view text) {
  const std::string trimmed(absl::StripAsciiWhitespace(std::string(text)));
  if (!trimmed.starts_with(kVersion) || trimmed.size() == kVersion.size() ||
      trimmed[kVersion.size()] != '+') {
    return Bad(trimmed.starts_with("fl") ? "another version, or a schedule"
                                         : "it does not begin with flt1+");
  }
  const size_t end = trimmed.rfind('+');
  if (Checksum(std::string_view(trimmed).substr(0, end)) !=
      trimmed.substr(end + 1)) {
    return Bad("damaged or cut short");
  }
  const std::vector<std::string> parts =
      absl::StrSplit(trimmed.substr(0, end), '+');
  if (parts.size() < kHeader) {
    return Bad("parts are missing");
  }
  std::vector<std::string> words;
  for (const std::string& part : parts) {
    std::optional<std::string> word = Unescape(part);
    if (!word.has_value()) {
      return Bad(absl::StrCat("'", part, "'"));
    }
    words.push_back(*std::move(word));
  }
  Token token;
  token.command = words[1];
  token.cwd = words[3];
  if (words[2] != "-") {
    uint64_t hash = 0;
    if (words[2].size() != 16 || !absl::SimpleHexAtoi(words[2], &hash)) {
      return Bad("its hash");
    }
    token.trace_hash = hash;
  }
  token.words.assign(words.begin() + kHeader, words.end());
  return token;
}

}  // namespace faultline::explore
