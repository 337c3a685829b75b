#include "shown_fields.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

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

// Which lines of two texts differ, by Myers' greedy algorithm: An O(ND) Difference Algorithm and Its Variations, 1986.
class LineDiff {
 public:
  LineDiff(Lines before, Lines after) : before_(std::move(before)), after_(std::move(after)) {
    const std::size_t shorter = std::min(before_.size(), after_.size());
    while (first_ < shorter && before_[first_] == after_[first_]) ++first_;
    std::size_t same = 0;  // at the end
    while (same < shorter - first_ && before_[before_.size() - 1 - same] == after_[after_.size() - 1 - same]) ++same;
    before_.resize(before_.size() - same);
    after_.resize(after_.size() - same);
  }

  // Calls with runs of lines that differ: [from, to) of each text. Of texts with little in common it is one run, in
  // which lines may be the same.
  template <class Visit>
  void for_each_run(const Visit& visit) {
    const auto steps = path();
    if (!steps) return visit(first_, before_.size(), first_, after_.size());
    std::size_t from_a = first_;
    std::size_t from_b = first_;
    for (const auto& [x, y] : *steps) {
      std::size_t a = x;
      std::size_t b = y;
      while (a < before_.size() && b < after_.size() && before_[a] == after_[b]) ++a, ++b;
      const bool end = a == before_.size() && b == after_.size();
      if (a == x && !end) continue;  // the next edit goes on from here
      if (x > from_a || y > from_b) visit(from_a, x, from_b, y);
      from_a = a;
      from_b = b;
    }
  }

  [[nodiscard]] std::string_view before(std::size_t line) const { return before_[line]; }
  [[nodiscard]] std::string_view after(std::size_t line) const { return after_[line]; }

 private:
  using Point = std::pair<std::size_t, std::size_t>;

  // Of a diagonal in a row, which begins with that of -edits.
  static std::size_t index(int diagonal, int edits) {
    return static_cast<std::size_t>(diagonal) + static_cast<std::size_t>(edits);
  }

  [[nodiscard]] int slide(int x, int y) const {
    const auto at = [&](const Lines& lines, int i) { return lines[first_ + static_cast<std::size_t>(i)]; };
    const int width = static_cast<int>(before_.size() - first_);
    const int height = static_cast<int>(after_.size() - first_);
    while (x < width && y < height && at(before_, x) == at(after_, y)) ++x, ++y;
    return x;
  }

  // Where lines that are the same begin again, in their order, and the end; empty: too many differ.
  std::optional<std::vector<Point>> path() const {
    constexpr int most = 2000;
    const int width = static_cast<int>(before_.size() - first_);
    const int height = static_cast<int>(after_.size() - first_);
    // By the number of edits, how far each diagonal (x - y) leads.
    std::vector<std::vector<int>> reached;
    const auto far = [](const std::vector<int>& row, int edits, int diagonal) {
      return diagonal < -edits || diagonal > edits ? -1 : row[index(diagonal, edits)];
    };
    for (int edits = 0; edits <= most; ++edits) {
      std::vector<int> row(index(edits, edits) + 1, -1);
      for (int diagonal = -edits; diagonal <= edits; diagonal += 2) {
        int x = 0;
        if (edits > 0) {
          const int taken = far(reached.back(), edits - 1, diagonal - 1) + 1;  // one of the old goes
          const int given = far(reached.back(), edits - 1, diagonal + 1);      // one of the new comes
          x = std::max(taken, given);
        }
        const int y = x - diagonal;
        if (x > width || y > height || x < 0 || y < 0) continue;
        x = slide(x, y);
        row[index(diagonal, edits)] = x;
        if (x == width && x - diagonal == height) {
          reached.push_back(std::move(row));
          return points_of(reached, width, height);
        }
      }
      reached.push_back(std::move(row));
    }
    return std::nullopt;
  }

  // Back from the end, edit by edit.
  [[nodiscard]] std::vector<Point> points_of(const std::vector<std::vector<int>>& reached, int x, int y) const {
    std::vector<Point> points{point(x, y)};
    for (int edits = static_cast<int>(reached.size()) - 1; edits > 0; --edits) {
      const std::vector<int>& row = reached[static_cast<std::size_t>(edits - 1)];
      const int diagonal = x - y;
      const auto far = [&](int wanted) {
        return wanted < 1 - edits || wanted > edits - 1 ? -1 : row[index(wanted, edits - 1)];
      };
      const int taken = far(diagonal - 1);
      const int given = far(diagonal + 1);
      const bool goes = taken + 1 > given;
      const int begin_x = goes ? taken + 1 : given;
      points.push_back(point(begin_x, begin_x - diagonal));
      x = goes ? taken : given;
      y = goes ? taken - (diagonal - 1) : given - (diagonal + 1);
    }
    std::reverse(points.begin(), points.end());
    return points;
  }

  [[nodiscard]] Point point(int x, int y) const {
    return {first_ + static_cast<std::size_t>(x), first_ + static_cast<std::size_t>(y)};
  }

  Lines before_;
  Lines after_;
  std::size_t first_ = 0;  // the first line that differs
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
        if (diff.before(a) != diff.after(b))
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
