#include "markdown_cluster.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "liminal/report/counted.hpp"

#include "inert_text.hpp"
#include "markdown_text.hpp"

namespace liminal::report {

namespace {

constexpr std::size_t value_bytes = 200;
constexpr std::size_t name_bytes = 300;

const Json& member(const Json& json, const char* name) {
  static const Json nothing;
  if (!json.is_object()) return nothing;
  const auto found = json.find(name);
  return found == json.end() ? nothing : *found;
}

std::string code(std::string text, std::size_t limit = name_bytes) {
  return markdown_code(shortened(std::move(text), limit));
}

std::string value_code(const Json& value) {
  if (value.is_null()) return "";
  return code(value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', true, Json::error_handler_t::replace),
              value_bytes);
}

// What is done to an object, the riskiest first.
struct Deed {
  std::string_view action;  // in the data
  std::string_view shown;
};
constexpr std::array<Deed, 6> deeds{{{"replace", "replace"},
                                     {"delete", "delete"},
                                     {"update", "change"},
                                     {"create", "create"},
                                     {"keep", "keep"},
                                     {"unchanged", "unchanged"}}};
constexpr std::size_t unchanged = deeds.size() - 1;

std::size_t rank_of(const Json& change) {
  const std::string action = text_at(change, "action");
  const auto* const found =
      std::find_if(deeds.begin(), deeds.end(), [&](const Deed& deed) { return deed.action == action; });
  return std::min(static_cast<std::size_t>(found - deeds.begin()), unchanged);
}

std::string object_code(const Json& change) {
  return code(text_at(change, "kind") + "/" + text_at(change, "name"));
}

std::string owners_of(const Json& field) {
  std::string text;
  for (const Json& owner : member(field, "conflicts")) {
    if (!text.empty()) text += ", ";
    text += code(text_at(owner, "manager"));
    if (const std::string time = text_at(owner, "time"); !time.empty()) text += " since " + code(time);
  }
  return text;
}

struct Row {
  std::size_t system = 0;
  std::size_t rank = 0;
  std::string text;
  bool taken = false;
};

class ClusterWriter {
 public:
  ClusterWriter(const Json& cluster, std::string context, std::size_t budget)
      : cluster_(cluster), context_(std::move(context)), budget_(budget) {}

  std::string write() && {
    for (std::size_t i = 0; i < cluster_.size(); ++i) collect(i);
    std::string text = fmt::format("\n### Cluster\n\n**{}**", counts(counts_));
    if (!context_.empty()) text += " in " + code(context_);
    text += "\n";
    text += dangers();
    budget_ -= std::min(budget_, text.size() + closing_bytes);
    std::vector<std::string> heads;
    for (std::size_t i = 0; i < cluster_.size(); ++i) heads.push_back(head(i));
    take(objects_);
    take(fields_);
    for (std::size_t i = 0; i < cluster_.size(); ++i) {
      if (!heads[i].empty()) text += heads[i] + rows(i) + "\n</details>\n";
    }
    return text + left_out();
  }

 private:
  // For the sentence that says what is left out.
  static constexpr std::size_t closing_bytes = 300;
  static constexpr std::string_view object_head = "\n| | Object | Why | From |\n| --- | --- | --- | --- |\n";
  static constexpr std::string_view field_head = "\n| Object | Field | Before | After |\n| --- | --- | --- | --- |\n";
  using Counts = std::array<std::size_t, deeds.size()>;

  static std::string counts(const Counts& counts) {
    std::string text;
    for (const std::size_t rank :
         {std::size_t{3}, std::size_t{2}, std::size_t{0}, std::size_t{1}, std::size_t{4}, unchanged}) {
      const bool always = rank == 2 || rank == 3 || rank == 1;
      if (counts.at(rank) == 0 && !always) continue;
      if (!text.empty()) text += ", ";
      text += fmt::format("{} {}", counts.at(rank), deeds.at(rank).shown);
    }
    return text;
  }

  void collect(std::size_t system) {
    Counts of_system{};
    for (const Json& change : member(cluster_[system], "changes")) {
      const std::size_t rank = rank_of(change);
      ++counts_.at(rank);
      ++of_system.at(rank);
      if (rank == unchanged) continue;
      find_dangers(system, change, rank);
      objects_.push_back({system, rank,
                          fmt::format("| {} | {} | {} | {} |\n", deeds.at(rank).shown, object_code(change),
                                      markdown_sentence(shortened(text_at(change, "note"), name_bytes)),
                                      text_at(change, "file").empty() ? "" : code(text_at(change, "file")))});
      for (const Json& field : member(change, "fields")) collect_field(system, rank, change, field);
    }
    counts_of_.push_back(of_system);
  }

  void collect_field(std::size_t system, std::size_t rank, const Json& change, const Json& field) {
    // Of a secret there are no values in the data.
    const bool hidden = !field.is_object() || !field.contains("before");
    const std::string owners = owners_of(field);
    std::string path = text_at(field, "path");
    if (const Json& line = member(field, "line"); line.is_number_unsigned()) path += ":" + line.dump();
    fields_.push_back({system, rank,
                       fmt::format("| {} | {} | {}{} | {} |\n", object_code(change), code(std::move(path)),
                                   hidden ? "not shown" : value_code(member(field, "before")),
                                   owners.empty() ? "" : "<br>set by " + owners,
                                   hidden ? "not shown" : value_code(member(field, "after")))});
  }

  // The first of them all are shown, worst first.
  [[nodiscard]] std::string dangers() {
    constexpr std::size_t most = 20;
    std::stable_sort(dangers_.begin(), dangers_.end(), [](const Row& a, const Row& b) { return a.rank < b.rank; });
    std::string text = dangers_.empty() ? "" : "\n";
    for (std::size_t i = 0; i < std::min(dangers_.size(), most); ++i) text += dangers_[i].text;
    if (dangers_.size() > most) text += fmt::format("- and {} more of these\n", dangers_.size() - most);
    return text;
  }

  // Facts of the plan alone, never of its texts.
  void find_dangers(std::size_t system, const Json& change, std::size_t rank) {
    enum Kind : std::size_t { data_lost, replaced, set_by_others };
    const std::string note = markdown_sentence(shortened(text_at(change, "note"), name_bytes));
    const std::string why = note.empty() ? "" : ": " + note;
    const bool goes = deeds.at(rank).action == "replace" || deeds.at(rank).action == "delete";
    if (goes && member(change, "losesData") == true) {
      dangers_.push_back(
          {system, data_lost, fmt::format("- ⚠️ **data is lost** with {}{}\n", object_code(change), why)});
    } else if (deeds.at(rank).action == "replace") {
      dangers_.push_back({system, replaced, fmt::format("- **replaced:** {}{}\n", object_code(change), why)});
    }
    for (const Json& field : member(change, "fields")) {
      const std::string owners = owners_of(field);
      if (owners.empty()) continue;
      dangers_.push_back({system, set_by_others,
                          fmt::format("- **set by others:** {} of {}, by {}\n", code(text_at(field, "path")),
                                      object_code(change), owners)});
    }
  }

  // Of a system's part, its tables' heads counted in; empty when it does not fit.
  std::string head(std::size_t system) {
    const Json& plan = cluster_[system];
    std::string text =
        fmt::format("\n<details><summary>{} in namespace {}: {}</summary>\n", code(text_at(plan, "system")),
                    code(text_at(plan, "namespace")), counts(counts_of_[system]));
    constexpr std::size_t most_notes = 10;
    std::size_t notes = 0;
    for (const Json& note : member(plan, "notes")) {
      if (notes++ < most_notes && note.is_string())
        text += fmt::format("{}- {}\n", notes == 1 ? "\n" : "",
                            markdown_sentence(shortened(note.get<std::string>(), name_bytes)));
    }
    constexpr std::size_t end = 32;
    const std::size_t size = text.size() + object_head.size() + field_head.size() + end;
    if (size > budget_) {
      ++systems_left_;
      return {};
    }
    budget_ -= size;
    fits_.push_back(system);
    return text;
  }

  void take(std::vector<Row>& rows) {
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.rank < b.rank; });
    for (Row& row : rows) {
      const bool fits = std::binary_search(fits_.begin(), fits_.end(), row.system) && row.text.size() <= budget_;
      row.taken = fits;
      if (fits) budget_ -= row.text.size();
    }
  }

  [[nodiscard]] std::string rows(std::size_t system) const {
    std::string text;
    for (const auto& [head, rows] : {std::pair{object_head, &objects_}, std::pair{field_head, &fields_}}) {
      bool first = true;
      for (const Row& row : *rows) {
        if (row.system != system || !row.taken) continue;
        if (first) text += head;
        first = false;
        text += row.text;
      }
    }
    return text;
  }

  [[nodiscard]] std::string left_out() const {
    const auto left = [](const std::vector<Row>& rows) {
      return static_cast<std::size_t>(
          std::count_if(rows.begin(), rows.end(), [](const Row& row) { return !row.taken; }));
    };
    std::string text;
    for (const auto& [count, noun] :
         {std::pair{systems_left_, "system"}, std::pair{left(objects_), "object"}, std::pair{left(fields_), "field"}}) {
      if (count > 0) text += (text.empty() ? "" : ", ") + counted(count, noun);
    }
    return text.empty()
               ? text
               : fmt::format(
                     "\n**Left out here**, for want of room: {}. The log and the JSON report have everything.\n", text);
  }

  const Json& cluster_;
  std::string context_;
  std::size_t budget_;
  Counts counts_{};
  std::vector<Counts> counts_of_;
  std::vector<Row> dangers_;
  std::vector<Row> objects_;
  std::vector<Row> fields_;
  std::vector<std::size_t> fits_;  // systems that have a part, in their order
  std::size_t systems_left_ = 0;
};

}  // namespace

std::string markdown_cluster(const Json& cluster, const std::string& context, std::size_t budget) {
  if (!cluster.is_array() || cluster.empty()) return {};
  return ClusterWriter(cluster, context, budget).write();
}

}  // namespace liminal::report
