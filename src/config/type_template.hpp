// {{ key }} in what a type declares, replaced by what an object of the type has.
#pragma once

#include "declared_types.hpp"

namespace liminal::config {

// What one system's types may make: a short file can ask for a huge result.
class TypeBudget {
 public:
  // False when it was too much, once and for all.
  [[nodiscard]] bool take(const document::Value& value);
  [[nodiscard]] bool take(std::size_t values, std::size_t bytes);
  [[nodiscard]] bool exceeded() const { return exceeded_; }

 private:
  std::size_t values_ = 0;
  std::size_t bytes_ = 0;
  bool exceeded_ = false;
};

class TypeTemplate {
 public:
  // `object` is of the type and has its keys; `path` is the object's. Reports schema-type for a list or map inside a
  // text.
  TypeTemplate(const DeclaredType& type, const document::Value& object, std::string path, TypeBudget& budget,
               DiagnosticSink& findings)
      : type_(type), object_(object), path_(std::move(path)), budget_(budget), findings_(findings) {}

  // {{ key }} alone takes the key's value as it is; inside other text as text. Empty: a key alone that is not given.
  [[nodiscard]] std::optional<document::Value> rendered(const document::Value& form);
  // The items of a list as the words of a command, each a text: a list that stands alone is several words.
  [[nodiscard]] document::Value words(const document::Value& forms);
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
  std::string path_;
  TypeBudget& budget_;
  DiagnosticSink& findings_;
};

}  // namespace liminal::config
