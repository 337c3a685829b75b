#include "secret_name.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "liminal/base/letter_case.hpp"

namespace liminal::config {

namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Telling wherever they stand in a name.
constexpr std::array<std::string_view, 12> parts{"TOKEN",
                                                 "SECRET",
                                                 "PASSWORD",
                                                 "PASSWD",
                                                 "PASSPHRASE",
                                                 "CREDENTIAL",
                                                 "WEBHOOK",
                                                 "CONNECTION_STRING",
                                                 "CONNECTIONSTRING",
                                                 "KUBECONFIG_DATA",
                                                 "KUBE_CONFIG_DATA",
                                                 "PRIVATEKEY"};
// Telling as a word of their own: KEY, but not MONKEY; AUTH, but not AUTHOR; PGPASS, but not PGPASSFILE, a path.
constexpr std::array<std::string_view, 22> words{"KEY",    "KEYS", "APIKEY", "AUTH",  "OAUTH", "BEARER", "PASS", "PW",
                                                 "PGPASS", "PWD",  "PSW",    "PAT",   "JWT",   "COOKIE", "CONN", "DSN",
                                                 "PEM",    "SA",   "SAS",    "CREDS", "NETRC", "CONNSTR"};

// Telling at the end of a word, whatever it begins with: DBPASS, SSHKEY. Fewer than `words`, which would end MONKEY.
constexpr auto endings = std::to_array<std::string_view>(
    {"PASS", "PWD", "SSHKEY", "ACCESSKEY", "APIKEY", "SECRETKEY", "PRIVKEY", "SIGNINGKEY", "AUTHORIZATION"});
// Holds a telling part, and is a matter of texts and tables. As a whole: AZURE_PRIMARY_KEY is a secret.
constexpr auto harmless_names =
    std::to_array<std::string_view>({"OLDPWD", "PRIMARY_KEY", "FOREIGN_KEY", "PARTITION_KEY", "SORT_KEY", "CACHE_KEY",
                                     "KEY_COUNT", "KEY_COLUMN", "MAX_KEYS"});
// The same wherever it stands as words of its own: LLM_MAX_TOKENS, but not ADMIN_TOKENS.
constexpr auto harmless_words = std::to_array<std::string_view>(
    {"TOKENIZER", "TOKENIZERS", "SECRETARY", "COMPASS", "BYPASS", "TOKEN_COUNT", "TOKEN_LIMIT", "MAX_TOKENS",
     "MIN_TOKENS", "NUM_TOKENS", "N_TOKENS", "NEW_TOKENS", "TOTAL_TOKENS"});

// TOKENIZER_SECRET still tells.
std::string without_harmless(std::string name) {
  if (std::find(harmless_names.begin(), harmless_names.end(), name) != harmless_names.end()) return {};
  const auto divides = [&](std::size_t at) { return at >= name.size() || !is_letter_or_digit(name[at]); };
  for (const std::string_view word : harmless_words) {
    for (std::size_t at = name.find(word); at != std::string::npos; at = name.find(word, at + 1)) {
      if ((at == 0 || divides(at - 1)) && divides(at + word.size())) name.replace(at, word.size(), "_");
    }
  }
  return name;
}

bool has_telling_word(std::string_view name) {
  if (name == "PWD") return false;  // the shell's working directory
  std::size_t begin = 0;
  while (begin <= name.size()) {
    const std::size_t end = std::min(name.find_first_of("_-.", begin), name.size());
    const std::string_view word = name.substr(begin, end - begin);
    if (std::find(words.begin(), words.end(), word) != words.end()) return true;
    if (std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return word.ends_with(ending); }))
      return true;
    begin = end + 1;
  }
  return false;
}

bool is_token_character(char c) {
  return is_letter_or_digit(c) || c == '_' || c == '-';
}

// scheme://user:password@host, or https://token@host. A short name alone is none: https://shop@dev.azure.com.
bool has_password_in_address(std::string_view value) {
  constexpr std::size_t shortest_token = 20;
  for (std::size_t at = value.find("://"); at != std::string_view::npos; at = value.find("://", at)) {
    at += 3;
    const std::string_view rest = value.substr(at);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/ \t\r\n"));
    const std::size_t end = authority.rfind('@');
    if (end == std::string_view::npos) continue;
    const std::string_view user = authority.substr(0, end);
    if (user.find(':') != std::string_view::npos) return true;
    if (user.size() >= shortest_token && user.find_first_of("0123456789") != std::string_view::npos) return true;
  }
  return false;
}

// How each issuer begins its tokens, and how many characters follow at least.
struct TokenForm {
  std::string_view prefix;
  std::size_t shortest;
};
constexpr std::array<TokenForm, 28> tokens{{
    {"ghp_", 10},    {"gho_", 10},    {"ghu_", 10},    {"ghs_", 10},     {"ghr_", 10},  {"github_pat_", 10},
    {"glpat-", 10},  {"gldt-", 10},   {"glrt-", 10},   {"glcbt-", 10},   {"xoxa-", 10}, {"xoxb-", 10},
    {"xoxe-", 10},   {"xoxp-", 10},   {"xapp-", 10},   {"AKIA", 16},     {"ASIA", 16},  {"sk_live_", 10},
    {"sk-ant-", 10}, {"hf_", 30},     {"dop_v1_", 10}, {"pypi-AgE", 10}, {"npm_", 30},  {"sk-", 32},
    {"AIza", 30},    {"Bearer ", 16}, {"bearer ", 16}, {"Basic ", 12},
}};

// Calls `is_one` with what follows each `word` that begins a word of its own, or no word: `?token=`.
template <class Predicate>
bool follows_word(std::string_view text, std::string_view word, Predicate is_one) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    if (at > 0 && is_letter_or_digit(word.front()) && (is_letter_or_digit(text[at - 1]) || text[at - 1] == '_'))
      continue;
    if (is_one(text.substr(at + word.size()))) return true;
  }
  return false;
}

std::size_t token_length(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_token_character) - text.begin());
}

bool has_token(std::string_view value) {
  return std::any_of(tokens.begin(), tokens.end(), [&](const TokenForm& form) {
    return follows_word(value, form.prefix, [&](std::string_view rest) { return token_length(rest) >= form.shortest; });
  });
}

// {"alg" and {"..., each in base64, with a dot between.
bool has_signed_claims(std::string_view value) {
  return follows_word(value, "eyJ",
                      [](std::string_view rest) { return rest.substr(token_length(rest)).starts_with(".eyJ"); });
}

// Password=x within a text of settings or a query.
bool has_secret_setting(std::string_view value) {
  constexpr auto settings =
      std::to_array<std::string_view>({"accountkey=", "sharedaccesskey=", "sharedaccesssignature=", "password=", "pwd=",
                                       "access_token=", "private_token=", "job_token=", "client_secret=", "?token=",
                                       "&token=", "?sig=", "&sig=", "?api_key=", "&api_key="});
  const std::string lower = to_lower(value);
  return std::any_of(settings.begin(), settings.end(), [&](std::string_view setting) {
    return follows_word(lower, setting, [](std::string_view rest) { return token_length(rest) > 0; });
  });
}

bool has_private_key(std::string_view value) {
  const std::size_t begin = value.find("-----BEGIN ");
  return begin != std::string_view::npos && value.find("PRIVATE KEY", begin) != std::string_view::npos;
}

// Whoever has such an address may post.
bool has_webhook(std::string_view value) {
  constexpr std::array<std::string_view, 4> addresses{"hooks.slack.com/services/", "discord.com/api/webhooks/",
                                                      "discordapp.com/api/webhooks/", "webhook.office.com/webhookb2/"};
  return std::any_of(addresses.begin(), addresses.end(),
                     [&](std::string_view address) { return value.find(address) != std::string_view::npos; });
}

}  // namespace

bool looks_like_a_secret(std::string_view name, std::string_view value) {
  std::string upper(name);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  upper = without_harmless(std::move(upper));
  const auto stands_in_name = [&](std::string_view part) { return upper.find(part) != std::string::npos; };
  return std::any_of(parts.begin(), parts.end(), stands_in_name) || has_telling_word(upper) ||
         has_password_in_address(value) || has_token(value) || has_signed_claims(value) || has_secret_setting(value) ||
         has_private_key(value) || has_webhook(value);
}

}  // namespace liminal::config
