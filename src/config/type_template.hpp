// {{ key }} in what a type declares, replaced by what an object of the type has.
#pragma once

#include "declared_types.hpp"

namespace liminal::config {

// What one system's types may make: a short file can ask for a huge result.
class TypeBudget {
 public:
  // False when it was too much, once and for all.
  [[nodiscard]] bool take(const document::Value& value);
  [[nodiscard]] bool take_bytes(std::size_t count);
  [[nodiscard]] bool exceeded() const { return exceeded_; }

 private:
  std::size_t values_ = 0;
  std::size_t bytes_ = 0;
  bool exceeded_ = false;
};

class TypeTemplate {
 public:
  // `object` is of the type and has its keys.
  TypeTemplate(const DeclaredType& type, const document::Value& object, TypeBudget& budget, DiagnosticSink& findings)
      : type_(type), object_(object), budget_(budget), findings_(findings) {}

  // {{ key }} alone takes the key's value as it is; inside other text as text. Empty: a key alone that is not given.
  [[nodiscard]] std::optional<document::Value> rendered(const document::Value& form);
  // The items of a list as the words of a shell's command: a list that stands alone is several words.
  [[nodiscard]] std::string shell_command(const document::Value& words);
  // A scalar as text.
  [[nodiscard]] std::string text(const document::Value& form);

 private:
  [[nodiscard]] const document::Value* value_of(std::string_view key) const;
  // The key whose placeholder is all of the text.
  [[nodiscard]] const DeclaredKey* alone(const document::Value& form) const;
  [[nodiscard]] std::string text_of_key(const DeclaredKey& key, const document::Value& value);
  void report_not_a_text(const DeclaredKey& key, const document::Value& value);

  const DeclaredType& type_;
  const document::Value& object_;
  TypeBudget& budget_;
  DiagnosticSink& findings_;
};

// One word of /bin/sh, in quotes where it needs them. Quotes inside {{ }} become double ones, which mean the same to
// the engine that renders it and nothing to the shell.
[[nodiscard]] std::string shell_word(std::string_view word);

}  // namespace liminal::config
