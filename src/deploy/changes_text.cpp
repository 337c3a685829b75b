#include "liminal/deploy/changes_text.hpp"

#include <array>

#include <fmt/format.h>

#include "liminal/report/counted.hpp"

#include "action_name.hpp"
#include "shown_fields.hpp"
#include "value_text.hpp"

namespace liminal::deploy {

namespace {

using report::Style;
using report::Terminal;

struct Sign {
  std::string_view text;
  Style style = Style::plain;
};

const Sign& sign_of(Action action) {
  static constexpr std::array<Sign, 6> signs{{{"+", Style::added},
                                              {"~", Style::warning},
                                              {"-/+", Style::removed},
                                              {"-", Style::removed},
                                              {"!", Style::note},
                                              {"=", Style::dim}}};
  return signs.at(static_cast<std::size_t>(action));
}

constexpr std::size_t most_fields = 20;  // of one object, on a screen

bool is_secret(const ObjectChange& change) {
  return change.reference.type->kind == "Secret";
}

std::string field_text(const ObjectChange& change, const ShownField& shown) {
  const kube::FieldChange& field = shown.change;
  if (is_secret(change)) return field.path + "  (value not shown)";
  const std::string path = shown.line == 0 ? field.path : fmt::format("{}:{}", field.path, shown.line);
  switch (field.kind) {
    case kube::FieldChange::Kind::add:
      return path + "  " + value_text(field.after);
    case kube::FieldChange::Kind::remove:
      return path + "  was " + value_text(field.before);
    default:
      return path + "  " + change_text(field.before, field.after);
  }
}

void print_change(Terminal& terminal, const SetPlan& plan, const ObjectChange& change) {
  const Sign& sign = sign_of(change.action);
  terminal.print(fmt::format("{:>5} ", sign.text), sign.style);
  terminal.print(change.reference.text());
  if (change.action != Action::remove && change.action != Action::keep)
    terminal.print("  " + plan.set.objects[change.desired].place.file, Style::dim);
  if (!change.note.empty()) terminal.print("  " + change.note, change.loses_data ? Style::removed : Style::note);
  if (change.loses_data && change.action != Action::keep) terminal.print("  ITS DATA IS LOST", Style::removed);
  terminal.line();
  const std::vector<ShownField> fields = shown_fields(change);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i == most_fields) {
      terminal.line(fmt::format("          and {}", report::counted(fields.size() - most_fields, "more change")),
                    Style::dim);
      break;
    }
    terminal.line("          " + field_text(change, fields[i]));
    for (const kube::FieldOwner& owner : fields[i].change.conflicts)
      terminal.line(fmt::format("            set by {} {}", owner.manager, owner.time), Style::warning);
  }
}

void print_set(Terminal& terminal, const SetPlan& plan) {
  terminal.print("system ");
  terminal.print(plan.set.system, Style::bold);
  terminal.line("  namespace " + plan.set.namespace_name, Style::dim);
  for (const std::string& note : plan.notes) terminal.line("  note: " + note, Style::note);
  for (const ObjectChange& change : plan.changes) {
    if (change.action != Action::unchanged) print_change(terminal, plan, change);
  }
  if (const std::size_t same = plan.count(Action::unchanged); same > 0)
    terminal.line(fmt::format("    = {} unchanged", same), Style::dim);
}

Json field_json(const ObjectChange& change, const ShownField& shown) {
  const kube::FieldChange& field = shown.change;
  constexpr std::array<std::string_view, 3> kinds{"add", "change", "remove"};
  Json result = {{"path", field.path}, {"kind", kinds.at(static_cast<std::size_t>(field.kind))}};
  if (shown.line != 0) result["line"] = shown.line;
  if (!is_secret(change)) {
    result["before"] = field.before;
    result["after"] = field.after;
  }
  Json conflicts = Json::array();
  for (const kube::FieldOwner& owner : field.conflicts)
    conflicts.push_back({{"manager", owner.manager}, {"operation", owner.operation}, {"time", owner.time}});
  if (!conflicts.empty()) result["conflicts"] = std::move(conflicts);
  return result;
}

Json change_json(const SetPlan& plan, const ObjectChange& change) {
  Json result = {{"action", name_of(change.action)},
                 {"apiVersion", change.reference.type->api_version()},
                 {"kind", change.reference.type->kind},
                 {"namespace", change.reference.namespace_name},
                 {"name", change.reference.name}};
  if (!change.note.empty()) result["note"] = change.note;
  if (change.loses_data) result["losesData"] = true;
  if (change.action != Action::remove && change.action != Action::keep)
    result["file"] = plan.set.objects[change.desired].place.file;
  if (!change.fields.empty()) {
    result["fields"] = Json::array();
    for (const ShownField& field : shown_fields(change)) result["fields"].push_back(field_json(change, field));
  }
  return result;
}

}  // namespace

std::string summary(const std::vector<SetPlan>& plans) {
  const auto total = [&](Action action) {
    std::size_t count = 0;
    for (const SetPlan& plan : plans) count += plan.count(action);
    return count;
  };
  std::string text = fmt::format("{} to create, {} to change, ", total(Action::create), total(Action::update));
  if (const std::size_t replaced = total(Action::replace); replaced > 0)
    text += fmt::format("{} to replace, ", replaced);
  return text + fmt::format("{} to delete, {} unchanged", total(Action::remove),
                            total(Action::unchanged) + total(Action::keep));
}

void print(Terminal& terminal, const std::vector<SetPlan>& plans) {
  for (const SetPlan& plan : plans) print_set(terminal, plan);
}

Json to_json(const std::vector<SetPlan>& plans) {
  Json result = Json::array();
  for (const SetPlan& plan : plans) {
    Json changes = Json::array();
    for (const ObjectChange& change : plan.changes) changes.push_back(change_json(plan, change));
    result.push_back({{"system", plan.set.system},
                      {"namespace", plan.set.namespace_name},
                      {"revision", plan.revision},
                      {"notes", plan.notes},
                      {"changes", std::move(changes)}});
  }
  return result;
}

}  // namespace liminal::deploy
