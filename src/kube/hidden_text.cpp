#include "hidden_text.hpp"

#include <algorithm>
#include <unordered_map>

#include "liminal/base/base64.hpp"

namespace liminal::kube {

namespace {

constexpr std::size_t window = 12;             // bytes of a secret that are too many to show
constexpr std::size_t short_secret = 6;        // fewer bytes may stand in any text by chance
constexpr std::size_t looked_at = 16U << 10U;  // of a text; the rest is not shown either
constexpr std::string_view withheld = "(withheld: it repeats a secret)";

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
}

// How many bytes of the text, at most `most`, end with a whole character.
std::size_t whole_characters(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  while (most > 0 && continues_character(text[most])) --most;
  return most;
}

}  // namespace

void HiddenText::add(std::string secret) {
  if (!secret.empty()) secrets_.push_back(std::move(secret));
}

void HiddenText::add_secret_object(const Json& object) {
  if (!object.is_object()) return;
  for (const char* member : {"data", "stringData"}) {
    const auto values = object.find(member);
    if (values == object.end() || !values->is_object()) continue;
    for (const Json& value : *values) {
      if (value.is_structured() || value.is_null()) continue;
      if (!value.is_string()) {  // a mistake, which servers quote
        add(value.dump());
        continue;
      }
      auto text = value.get<std::string>();
      if (*member == 'd') {
        if (auto decoded = base64_decode(text)) add(std::move(*decoded));
      } else {
        add(base64_encode(text));  // as the server keeps it
      }
      add(std::move(text));
    }
  }
}

// Marks every byte that belongs to a run of `window` bytes of a secret, or to a whole shorter secret.
std::vector<bool> HiddenText::covered(std::string_view text) const {
  std::vector<bool> marks(text.size());
  const auto mark = [&](std::size_t at, std::size_t count) {
    std::fill_n(marks.begin() + static_cast<std::ptrdiff_t>(at), count, true);
  };
  std::unordered_map<std::string_view, std::vector<std::size_t>> windows;  // of the text, which is the shorter one
  for (std::size_t at = 0; at + window <= text.size(); ++at) windows[text.substr(at, window)].push_back(at);
  for (const std::string& secret : secrets_) {
    if (secret.size() < window) {
      for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at + 1)) mark(at, secret.size());
      continue;
    }
    for (std::size_t at = 0; at + window <= secret.size(); ++at) {
      const auto found = windows.find(std::string_view(secret).substr(at, window));
      if (found == windows.end()) continue;
      for (const std::size_t place : found->second) mark(place, window);
      windows.erase(found);
    }
  }
  for (std::size_t i = 1; i < text.size(); ++i) {  // no half characters
    if (continues_character(text[i]) && marks[i - 1]) marks[i] = true;
  }
  for (std::size_t i = text.size(); i-- > 1;) {
    if (continues_character(text[i]) && marks[i]) marks[i - 1] = true;
  }
  return marks;
}

bool HiddenText::has_short(std::string_view text) const {
  return std::any_of(secrets_.begin(), secrets_.end(), [&](const std::string& secret) {
    return secret.size() < short_secret && text.find(secret) != text.npos;
  });
}

std::string HiddenText::clean(std::string_view text, std::size_t most_bytes) const {
  text = text.substr(0, whole_characters(text, looked_at));
  if (has_short(text)) return std::string(withheld);
  const std::vector<bool> marks = covered(text);
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (marks[i]) {
      if (i == 0 || !marks[i - 1]) result += "[hidden]";
    } else {
      const auto byte = static_cast<unsigned char>(text[i]);
      result += byte < 0x20 || byte == 0x7f ? ' ' : text[i];
    }
  }
  if (const std::size_t end = whole_characters(result, most_bytes); end < result.size()) {
    result.resize(end);
    result += "...";
  }
  return result;
}

void HiddenText::clean(Json& document, std::size_t most_bytes) const {
  if (document.is_string()) {
    document = clean(document.get_ref<const std::string&>(), most_bytes);
  } else if (document.is_structured()) {
    for (Json& part : document) clean(part, most_bytes);
  }
}

}  // namespace liminal::kube
