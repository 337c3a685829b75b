// Texts of a server, made fit for a person: no secret that was sent is in them, and they are short and on one line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/json.hpp"

namespace liminal::kube {

class HiddenText {
 public:
  void add(std::string secret);
  // Every value of a Secret's `data` (as Base64 and decoded) and `stringData`.
  void add_secret_object(const Json& object);

  // The text without what was added: whole, or any part of a dozen bytes of it, as servers quote and shorten. A text
  // with a secret too short to be cut out is withheld as a whole.
  [[nodiscard]] std::string clean(std::string_view text, std::size_t most_bytes) const;
  // The same for every string of a document.
  void clean(Json& document, std::size_t most_bytes) const;

 private:
  [[nodiscard]] std::vector<bool> covered(std::string_view text) const;
  [[nodiscard]] bool has_short(std::string_view text) const;

  std::vector<std::string> secrets_;
};

}  // namespace liminal::kube
