#include "liminal/pip/requirement_syntax.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "environment_marker.hpp"
#include "version_specifier.hpp"

namespace liminal::pip {

namespace {

constexpr std::string_view letters_and_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view name_characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
constexpr std::string_view variable_characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

bool is_alphanumeric(char c) {
  return letters_and_digits.find(c) != std::string_view::npos;
}

struct KnownOption {
  std::string_view name;
  std::string_view letter;
  bool takes_value;
};

constexpr std::array<KnownOption, 17> known_options = {{{"--requirement", "-r", true},
                                                        {"--constraint", "-c", true},
                                                        {"--editable", "-e", true},
                                                        {"--index-url", "-i", true},
                                                        {"--extra-index-url", "", true},
                                                        {"--find-links", "-f", true},
                                                        {"--trusted-host", "", true},
                                                        {"--no-binary", "", true},
                                                        {"--only-binary", "", true},
                                                        {"--global-option", "", true},
                                                        {"--install-option", "", true},
                                                        {"--config-settings", "-C", true},
                                                        {"--use-feature", "", true},
                                                        {"--no-index", "", false},
                                                        {"--pre", "", false},
                                                        {"--prefer-binary", "", false},
                                                        {"--require-hashes", "", false}}};

constexpr std::array<std::string_view, 4> version_control{"git+https", "hg+https", "svn+https", "bzr+https"};

// Where the part of an address between :// and @ begins and ends; empty when there is none.
std::optional<std::pair<std::size_t, std::size_t>> credentials_of(std::string_view text, std::size_t from) {
  const auto scheme = text.find("://", from);
  if (scheme == std::string_view::npos) return std::nullopt;
  const auto begin = scheme + 3;
  const auto end = std::min(text.find_first_of("/?# \t\r\n\"'", begin), text.size());
  const auto at = text.substr(begin, end - begin).rfind('@');
  return std::pair(begin, at == std::string_view::npos ? begin : begin + at);
}

bool ends_like_an_archive(std::string_view text) {
  for (const std::string_view ending : {".whl", ".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz", ".tar.xz",
                                        ".txz", ".tlz", ".tar.lz", ".tar.lzma"}) {
    if (text.ends_with(ending)) return true;
  }
  return false;
}

bool starts_like_an_address(std::string_view text) {
  return text.find("://") != std::string_view::npos || text.starts_with("file:") || text.starts_with("git@");
}

// Whether the @ at `at` begins a revision: git+https://HOST/REPOSITORY.git@main.
bool is_revision(std::string_view word, std::size_t at) {
  const auto slashes = word.find("://");
  if (slashes == std::string_view::npos || slashes > at) return false;
  const std::string_view scheme = word.substr(0, slashes);
  const bool versioned = std::any_of(version_control.begin(), version_control.end(),
                                     [&](std::string_view name) { return scheme.ends_with(name); });
  const std::string_view place = word.substr(slashes + 3, at - slashes - 3);
  // A password may hold a slash: only HOST.NAME/OWNER/REPOSITORY is certain.
  const auto slash = place.find('/');
  // Nor is what a host may be a revision.
  const std::string_view behind = word.substr(at + 1);
  const bool may_be_host = behind.find('/') != std::string_view::npos && behind.find('.') < behind.find('/');
  return versioned && !may_be_host && place.find_first_of(":@") == std::string_view::npos && place.find('.') < slash &&
         slash != std::string_view::npos && place.find('/', slash + 1) != std::string_view::npos;
}

// Also of addresses that are none, where a scheme was forgotten: what stands before the last @, and what is asked for
// behind a ?, may be a secret.
std::string word_without_credentials(std::string_view word) {
  std::string result;
  if (const auto at = word.rfind('@'); at != std::string_view::npos && at > 0 && !is_revision(word, at)) {
    const auto slashes = word.substr(0, at).find("//");
    const auto equals = word.substr(0, at).find('=');
    std::size_t begin = 0;
    if (slashes != std::string_view::npos) {
      begin = slashes + 2;
    } else if (equals != std::string_view::npos) {
      begin = equals + 1;
    }
    // A quotation mark of a message that quotes the word.
    if (begin == 0 && word.starts_with('`')) begin = 1;
    result = word.substr(0, begin);
    if (begin < at) result += "****";
    word.remove_prefix(at);
  }
  const auto query = word.find('?');
  if (query == std::string_view::npos || query + 1 == word.size()) return result + std::string(word);
  const bool quoted = word.ends_with('`');
  return result + std::string(word.substr(0, query)) + "?****" + (quoted ? "`" : "");
}

tl::unexpected<RequirementMistake> malformed(std::string what, std::string advice) {
  return tl::unexpected(RequirementMistake{std::move(what), std::move(advice), true});
}

tl::unexpected<RequirementMistake> unsafe(std::string what, std::string advice) {
  return tl::unexpected(RequirementMistake{std::move(what), std::move(advice)});
}

tl::unexpected<RequirementMistake> local_path(std::string_view text) {
  return unsafe(fmt::format("`{}` is a path, and what is built from it may differ from machine to machine", text),
                "put a wheel of it into a folder of the source, add `--find-links FOLDER`, and require it by its name");
}

// Only a wheel by https: anything else is built or fetched by a program that its author chooses.
tl::expected<void, RequirementMistake> check_address(std::string_view address) {
  if (address.empty()) return malformed("there is no address behind the @", "write NAME @ https://HOST/FILE.whl");
  for (const std::string_view scheme : {"git+", "hg+", "svn+", "bzr+", "git@", "git://", "ssh://"}) {
    if (address.starts_with(scheme)) {
      return unsafe(
          fmt::format("`{}` is fetched from version control and built from source", without_credentials(address)),
          "name a released version, or the address of a wheel");
    }
  }
  if (address.starts_with("file:")) return local_path(address);
  if (!address.starts_with("https://") || !is_web_address(address)) {
    return unsafe(fmt::format("`{}` is not fetched over https", without_credentials(address)),
                  "use an address that begins with https://");
  }
  if (has_credentials(address)) {
    return unsafe("an address holds a name or password, which would be part of the image",
                  "put the password into a variable: https://${PIP_USER}:${PIP_PASSWORD}@...");
  }
  const std::string_view path = address.substr(0, address.find_first_of("?#"));
  if (!path.ends_with(".whl")) {
    return unsafe(fmt::format("`{}` is not a wheel, so it would be built from source", without_credentials(address)),
                  "name a released version or the address of a wheel, or build with --builder docker");
  }
  return {};
}

// The requirement without its options, and those.
std::pair<std::string_view, std::string_view> divide(std::string_view text) {
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    const bool begins = (text[i - 1] == ' ' || text[i - 1] == '\t') && text[i] == '-';
    if (begins) return {trimmed(text.substr(0, i)), text.substr(i)};
  }
  return {trimmed(text), {}};
}

tl::expected<std::string, RequirementMistake> hashes(std::string_view options) {
  std::string text;
  const auto tokens = split_words(options);
  if (!tokens) return malformed("a quotation mark is not closed", "");
  for (std::size_t i = 0; i < tokens->size(); ++i) {
    std::string_view value = (*tokens)[i];
    if (value == "--hash" && i + 1 < tokens->size()) {
      value = (*tokens)[++i];
    } else if (value.starts_with("--hash=")) {
      value.remove_prefix(7);
    } else {
      return unsafe(fmt::format("`{}` cannot stand behind a requirement here", without_credentials(value)),
                    "only --hash can: nothing is built from source");
    }
    const bool known = value.starts_with("sha256:") || value.starts_with("sha384:") || value.starts_with("sha512:");
    const bool digits =
        value.size() > 7 && value.find_first_not_of("0123456789abcdefABCDEF", 7) == std::string_view::npos;
    if (!known || !digits) {
      return malformed("a hash is none of sha256:, sha384: and sha512: with hexadecimal digits", "");
    }
    text += fmt::format(" --hash={}", value);
  }
  return text;
}

// Length of the distribution's name that the text begins with; 0: it begins with none.
std::size_t name_length(std::string_view text) {
  if (text.empty() || !is_alphanumeric(text.front())) return 0;
  std::size_t length = std::min(text.find_first_not_of(name_characters), text.size());
  while (length > 0 && !is_alphanumeric(text[length - 1])) --length;
  return length;
}

// The inside of brackets: names with commas between.
bool is_list_of_extras(std::string_view text) {
  if (trimmed(text).empty()) return true;
  for (;;) {
    const auto comma = text.find(',');
    const std::string_view name = trimmed(text.substr(0, comma));
    if (name.empty() || name_length(name) != name.size()) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool is_plain_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= ' ' && c < 0x7f) || c == '\t'; });
}

std::optional<std::vector<std::string>> split_words(std::string_view text) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\0' && (c == ' ' || c == '\t')) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      words.back() += text[++i];
    } else {
      words.back() += c;
    }
  }
  if (quote != '\0') return std::nullopt;
  return words;
}

std::optional<std::string> forbidden_variable(std::string_view text) {
  for (auto begin = text.find("${"); begin != std::string_view::npos; begin = text.find("${", begin + 2)) {
    const auto end = text.find('}', begin);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view name = text.substr(begin + 2, end - begin - 2);
    if (name.empty() || name.find_first_not_of(variable_characters) != std::string_view::npos) continue;
    const bool setting =
        name == "PIP_INDEX_URL" || name == "PIP_EXTRA_INDEX_URL" || name == "PIP_FIND_LINKS" || name == "PIP_PROXY";
    if (!name.starts_with("PIP_") || setting) return std::string(name);
  }
  return std::nullopt;
}

bool is_web_address(std::string_view text) {
  if (!text.starts_with("https://") && !text.starts_with("http://")) return false;
  if (text.find_first_of(" \t\"'\\") != std::string_view::npos) return false;
  // What is in brackets is an IPv6 address, which Python's own reader insists on.
  std::string_view host = text.substr(text.find("://") + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  if (host.empty()) return false;
  const auto open = host.find('[');
  const auto close = host.find(']');
  if (open == std::string_view::npos && close == std::string_view::npos) return true;
  return open == 0 && close != std::string_view::npos && close > 2 &&
         host.substr(1, close - 1).find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

bool has_credentials(std::string_view address) {
  const auto found = credentials_of(address, 0);
  if (!found || found->first == found->second) return false;
  std::string_view text = address.substr(found->first, found->second - found->first);
  while (!text.empty()) {
    if (text.front() == ':') {
      text.remove_prefix(1);
      continue;
    }
    const auto end = text.find('}');
    if (!text.starts_with("${") || end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
  return false;
}

std::string without_credentials(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  std::string result;
  while (!text.empty()) {
    const auto begin = std::min(text.find_first_not_of(blanks), text.size());
    result += text.substr(0, begin);
    text.remove_prefix(begin);
    const auto end = std::min(text.find_first_of(blanks), text.size());
    result += word_without_credentials(text.substr(0, end));
    text.remove_prefix(end);
  }
  return result;
}

std::optional<RequirementOption> take_option(const std::vector<std::string>& tokens, std::size_t& position) {
  const std::string& token = tokens[position];
  for (const KnownOption& known : known_options) {
    RequirementOption option{std::string(known.name), {}, known.takes_value};
    if (token == known.name || (!known.letter.empty() && token == known.letter)) {
      ++position;
      if (known.takes_value && position < tokens.size()) option.value = tokens[position++];
      return option;
    }
    const bool with_equals = known.takes_value && token.starts_with(std::string(known.name) + "=");
    const bool attached = !known.letter.empty() && !token.starts_with("--") && token.starts_with(known.letter);
    if (!with_equals && !attached) continue;
    option.value = token.substr(with_equals ? known.name.size() + 1 : known.letter.size());
    ++position;
    return option;
  }
  return std::nullopt;
}

tl::expected<ParsedRequirement, RequirementMistake> parse_requirement(std::string_view text) {
  const auto [requirement, options] = divide(text);
  const auto hash_options = hashes(options);
  if (!hash_options) return tl::unexpected(hash_options.error());
  const auto semicolon = std::min(requirement.find(';'), requirement.size());
  const std::string_view before_marker = trimmed(requirement.substr(0, semicolon));
  const std::size_t length = name_length(before_marker);
  std::string_view rest = trimmed(before_marker.substr(length));
  std::optional<std::string_view> extras;
  if (const auto close = rest.find(']'); rest.starts_with('[') && close != std::string_view::npos) {
    extras = rest.substr(1, close - 1);
    rest = trimmed(rest.substr(close + 1));
  }
  ParsedRequirement parsed{std::string(before_marker.substr(0, length)), std::string(requirement) + *hash_options};
  if (length > 0 && rest.starts_with('@')) {
    if (auto checked = check_address(trimmed(rest.substr(1))); !checked) return tl::unexpected(checked.error());
    return parsed;
  }
  if (starts_like_an_address(before_marker)) {
    if (auto checked = check_address(before_marker); !checked) return tl::unexpected(checked.error());
    parsed.name.clear();
    return parsed;
  }
  const bool path = before_marker.find_first_of("/\\") != std::string_view::npos || before_marker.starts_with('.') ||
                    before_marker.starts_with('~') || ends_like_an_archive(before_marker);
  if (path) return local_path(before_marker);
  const bool version = rest.empty() || std::string_view("=<>!~(").find(rest.front()) != std::string_view::npos;
  if (length > 0 && version && !rest.empty() && !is_version_list(rest)) {
    return malformed(fmt::format("`{}` is no requirement: a version is missing or malformed", before_marker),
                     "write NAME, NAME==VERSION or NAME>=VERSION");
  }
  if (length == 0 || !version) {
    return malformed(fmt::format("`{}` is no requirement", before_marker),
                     "write NAME, NAME==VERSION or NAME>=VERSION");
  }
  if (extras && !is_list_of_extras(*extras)) {
    return malformed(fmt::format("the extras `[{}]` are no names with commas between", *extras),
                     "write NAME[EXTRA,EXTRA]");
  }
  if (semicolon < requirement.size()) {
    if (const auto mistake = marker_mistake(requirement.substr(semicolon + 1))) {
      return malformed(fmt::format("what stands behind the semicolon is no marker: {}", *mistake),
                       "write NAME; python_version < \"3.13\", or another condition of PEP 508");
    }
  }
  return parsed;
}

}  // namespace liminal::pip
