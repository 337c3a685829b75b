#include "shown_fields.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/format.h>

namespace liminal::deploy {

namespace {

using kube::FieldChange;
using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Which lines of two texts are the same, by the longest common subsequence.
class LineDiff {
 public:
  LineDiff(Lines before, Lines after) : before_(std::move(before)), after_(std::move(after)) {
    while (first_ < std::min(before_.size(), after_.size()) && before_[first_] == after_[first_]) ++first_;
    std::size_t same = 0;  // at the end
    while (same < std::min(before_.size(), after_.size()) - first_ &&
           before_[before_.size() - 1 - same] == after_[after_.size() - 1 - same])
      ++same;
    before_.resize(before_.size() - same);
    after_.resize(after_.size() - same);
  }

  // Calls with runs of lines that differ: [from, to) of each text.
  template <class Visit>
  void for_each_run(const Visit& visit) {
    const std::size_t height = before_.size() - first_;
    const std::size_t width = after_.size() - first_;
    // Of more than that nobody reads which lines are the same.
    constexpr std::size_t most_cells = 4'000'000;
    if (height * width > most_cells) return visit(first_, before_.size(), first_, after_.size());
    fill(height, width);
    std::size_t a = 0;
    std::size_t b = 0;
    while (a < height || b < width) {
      const std::size_t from_a = a;
      const std::size_t from_b = b;
      while (a < height || b < width) {
        if (a < height && b < width && before_[first_ + a] == after_[first_ + b]) break;
        const bool goes = b == width || (a < height && common(a + 1, b) >= common(a, b + 1));
        ++(goes ? a : b);
      }
      if (a > from_a || b > from_b) visit(first_ + from_a, first_ + a, first_ + from_b, first_ + b);
      while (a < height && b < width && before_[first_ + a] == after_[first_ + b]) ++a, ++b;
    }
  }

  [[nodiscard]] std::string_view before(std::size_t line) const { return before_[line]; }
  [[nodiscard]] std::string_view after(std::size_t line) const { return after_[line]; }

 private:
  void fill(std::size_t height, std::size_t width) {
    row_ = width + 1;
    lengths_.assign((height + 1) * row_, 0);
    for (std::size_t a = height; a-- > 0;) {
      for (std::size_t b = width; b-- > 0;) {
        lengths_[a * row_ + b] = before_[first_ + a] == after_[first_ + b]
                                     ? lengths_[(a + 1) * row_ + b + 1] + 1
                                     : std::max(lengths_[(a + 1) * row_ + b], lengths_[a * row_ + b + 1]);
      }
    }
  }

  [[nodiscard]] unsigned common(std::size_t a, std::size_t b) const { return lengths_[a * row_ + b]; }

  Lines before_;
  Lines after_;
  std::size_t first_ = 0;  // the first line that differs
  std::size_t row_ = 0;
  std::vector<unsigned> lengths_;  // of what two ends have in common
};

bool is_text(const Json& value) {
  return value.is_string() && value.get_ref<const std::string&>().find('\n') != std::string::npos;
}

// The names of a list's items; empty where not each has one of its own.
std::set<std::string> names_of(const Json& list) {
  std::set<std::string> names;
  for (const Json& item : list) {
    const auto name = item.is_object() ? item.find("name") : item.end();
    if (name == item.end() || !name->is_string() || !names.insert(name->get<std::string>()).second) return {};
  }
  return names;
}

const Json* find_named(const Json& list, const std::string& name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const Json& item) { return item["name"] == name; });
  return found == list.end() ? nullptr : &*found;
}

class Shower {
 public:
  explicit Shower(bool by_members) : by_members_(by_members) {}

  void show(const FieldChange& change) {
    const std::size_t begin = shown_.size();
    compare(change.path, change.before, change.after);
    // Nothing but the order differs.
    if (shown_.size() == begin) shown_.push_back({change, 0});
    shown_[begin].change.conflicts = change.conflicts;
  }

  std::vector<ShownField> shown_;

 private:
  void add(FieldChange::Kind kind, std::string path, Json before, Json after, std::size_t line = 0) {
    shown_.push_back({{kind, std::move(path), std::move(before), std::move(after), {}}, line});
  }

  void compare(const std::string& path, const Json& before, const Json& after) {
    if (before == after) return;
    if (is_text(before) && is_text(after)) return compare_lines(path, before, after);
    if (by_members_ && before.is_object() && after.is_object()) return compare_members(path, before, after);
    if (by_members_ && before.is_array() && after.is_array() && !before.empty() && !after.empty()) {
      if (!names_of(before).empty() && !names_of(after).empty()) return compare_named(path, before, after);
      if (before.size() == after.size()) return compare_items(path, before, after);
    }
    add(FieldChange::Kind::change, path, before, after);
  }

  void compare_one(const std::string& path, const Json* before, const Json* after) {
    if (before == nullptr) return add(FieldChange::Kind::add, path, nullptr, *after);
    if (after == nullptr) return add(FieldChange::Kind::remove, path, *before, nullptr);
    compare(path, *before, *after);
  }

  void compare_members(const std::string& path, const Json& before, const Json& after) {
    for (const auto& [name, value] : before.items())
      compare_one(fmt::format("{}.{}", path, name), &value, after.contains(name) ? &after[name] : nullptr);
    for (const auto& [name, value] : after.items()) {
      if (!before.contains(name)) compare_one(fmt::format("{}.{}", path, name), nullptr, &value);
    }
  }

  void compare_named(const std::string& path, const Json& before, const Json& after) {
    std::set<std::string> names = names_of(before);
    names.merge(names_of(after));
    for (const std::string& name : names)
      compare_one(fmt::format("{}[name=\"{}\"]", path, name), find_named(before, name), find_named(after, name));
  }

  void compare_items(const std::string& path, const Json& before, const Json& after) {
    for (std::size_t i = 0; i < before.size(); ++i) compare(fmt::format("{}[{}]", path, i), before[i], after[i]);
  }

  void compare_lines(const std::string& path, const Json& before, const Json& after) {
    LineDiff diff(lines_of(before.get_ref<const std::string&>()), lines_of(after.get_ref<const std::string&>()));
    diff.for_each_run([&](std::size_t a, std::size_t end_a, std::size_t b, std::size_t end_b) {
      while (a < end_a && b < end_b) {
        add(FieldChange::Kind::change, path, std::string(diff.before(a)), std::string(diff.after(b)), b + 1);
        ++a, ++b;
      }
      for (; a < end_a; ++a) add(FieldChange::Kind::remove, path, std::string(diff.before(a)), nullptr, a + 1);
      for (; b < end_b; ++b) add(FieldChange::Kind::add, path, nullptr, std::string(diff.after(b)), b + 1);
    });
  }

  bool by_members_;
};

}  // namespace

std::vector<ShownField> shown_fields(const ObjectChange& change) {
  Shower shower(change.reference.type->group == "argoproj.io");
  for (const FieldChange& field : change.fields) {
    if (field.kind == FieldChange::Kind::change) {
      shower.show(field);
    } else {
      shower.shown_.push_back({field, 0});
    }
  }
  return std::move(shower.shown_);
}

}  // namespace liminal::deploy
