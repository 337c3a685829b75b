#include "liminal/deploy/saved_plan.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "liminal/base/sha256.hpp"

#include "action_name.hpp"
#include "desired.hpp"
#include "live_set.hpp"

namespace liminal::deploy {

namespace {

namespace fs = std::filesystem;

// One JSON document of fixed layout: the digest is over the bytes of `plan`, so that no other way of writing the same
// data has to be thought about.
constexpr std::string_view opening = R"({"liminalPlan":)";
constexpr std::string_view before_digest = R"(,"sha256":")";
constexpr std::string_view before_plan = R"(","plan":)";
constexpr std::string_view closing = "}\n";
constexpr unsigned version = 1;
constexpr std::size_t digest_size = 64;
constexpr std::uint64_t size_limit = 256ULL << 20;
constexpr int deepest = 200;  // of what is nested; objects of Kubernetes stay far below

std::string path_in_file(const fs::path& file, const fs::path& root) {
  const fs::path inner = file.lexically_relative(root);
  return inner.empty() || *inner.begin() == ".." ? file.string() : inner.string();
}

Json to_json(const DesiredObject& desired, const fs::path& root) {
  Json object = desired.object;
  if (text_at(object, {"kind"}) == "Secret") {
    object.erase("data");
    object.erase("stringData");
  }
  Json images = Json::array();
  for (const ObjectImage& image : desired.images)
    images.push_back({{"image", image.reference},
                      {"built", image.built},
                      {"file", image.place.file},
                      {"line", image.place.range.begin.line},
                      {"column", image.place.range.begin.column}});
  Json result = {{"file", desired.place.file},
                 {"line", desired.place.range.begin.line},
                 {"column", desired.place.range.begin.column},
                 {"images", std::move(images)},
                 {"object", std::move(object)}};
  for (const kube::Reference& secret : desired.pull_secrets)
    result["pullSecrets"].push_back({{"namespace", secret.namespace_name}, {"name", secret.name}});
  if (!desired.value_file.empty()) result["valueFile"] = path_in_file(desired.value_file, root);
  return result;
}

Json to_json(const kube::SeenField& field) {
  Json owners = Json::array();
  for (const kube::FieldOwner& owner : field.owners)
    owners.push_back({{"manager", owner.manager}, {"operation", owner.operation}, {"time", owner.time}});
  return {{"path", field.path}, {"value", field.value}, {"owners", std::move(owners)}};
}

Json to_json(const ObjectChange& change) {
  Json seen = Json::array();
  for (const kube::SeenField& field : change.seen) seen.push_back(to_json(field));
  return {{"action", name_of(change.action)},    {"apiVersion", change.reference.type->api_version()},
          {"kind", change.reference.type->kind}, {"namespace", change.reference.namespace_name},
          {"name", change.reference.name},       {"uid", change.uid},
          {"losesData", change.loses_data},      {"seen", std::move(seen)}};
}

Json to_json(const SetPlan& plan, const fs::path& root) {
  Json objects = Json::array();
  for (const DesiredObject& object : plan.set.objects) objects.push_back(to_json(object, root));
  Json changes = Json::array();
  for (const ObjectChange& change : plan.changes) changes.push_back(to_json(change));
  return {{"system", plan.set.system},    {"namespace", plan.set.namespace_name},
          {"origin", plan.set.origin},    {"revision", plan.revision},
          {"begun", plan.begun},          {"objects", std::move(objects)},
          {"changes", std::move(changes)}};
}

Json to_json(const SavedPlan& plan, const fs::path& root) {
  Json sets = Json::array();
  for (const SetPlan& set : plan.sets) sets.push_back(to_json(set, root));
  return {{"context", plan.context},
          {"server", plan.server},
          {"cluster", plan.cluster},
          {"made", plan.made},
          {"commit", plan.commit},
          {"options",
           {{"clean", plan.options.clean}, {"deleteData", plan.options.delete_data}, {"adopt", plan.options.adopt}}},
          {"sets", std::move(sets)}};
}

// Members as they have to be; the first that is not is remembered.
class Reader {
 public:
  Reader(const World& world, const fs::path& root, const std::string& file) : world_(world), root_(root), file_(file) {}

  Result<SavedPlan> read(const Json& json) {
    SavedPlan plan;
    plan.context = text(json, "context");
    plan.server = text(json, "server");
    plan.cluster = text(json, "cluster");
    plan.made = text(json, "made");
    plan.commit = text(json, "commit");
    const Json& options = member(json, "options", Json::value_t::object);
    plan.options.clean = member(options, "clean", Json::value_t::boolean) == true;
    for (const Json& name : member(options, "deleteData", Json::value_t::array))
      plan.options.delete_data.insert(as_text(name));
    for (const Json& name : member(options, "adopt", Json::value_t::array)) plan.options.adopt.insert(as_text(name));
    for (const Json& set : member(json, "sets", Json::value_t::array)) plan.sets.push_back(read_set(set));
    if (plan.context.empty() || plan.cluster.empty()) wrong("context");
    if (!wrong_.empty()) {
      return fail(ErrorKind::usage,
                  fmt::format("{} is no plan that this program wrote: its `{}` is wrong", file_, wrong_),
                  "make a new plan: liminal plan --context NAME --out FILE");
    }
    // Last: what is wrong with the plan itself goes before what is missing beside it.
    for (SetPlan& set : plan.sets) {
      if (auto had = read_secrets(set.set); !had) return tl::unexpected(std::move(had.error()));
    }
    return plan;
  }

 private:
  void wrong(std::string_view name) {
    if (wrong_.empty()) wrong_ = name;
  }

  const Json& member(const Json& json, const char* name, Json::value_t type) {
    static const Json nothing;
    const Json* found = find_member(json, {name});
    if (found != nullptr && found->type() == type) return *found;
    wrong(name);
    return nothing;
  }

  std::string as_text(const Json& json) {
    if (json.is_string()) return json.get<std::string>();
    wrong("options");
    return {};
  }

  std::string text(const Json& json, const char* name) { return as_text(member(json, name, Json::value_t::string)); }

  unsigned number(const Json& json, const char* name) {
    const Json& found = member(json, name, Json::value_t::number_unsigned);
    return found.is_number_unsigned() ? found.get<unsigned>() : 0;
  }

  SetPlan read_set(const Json& json) {
    SetPlan plan;
    plan.set = {text(json, "system"), text(json, "namespace"), text(json, "origin"), {}};
    plan.revision = number(json, "revision");
    plan.begun = text(json, "begun");
    plan.unfinished = !plan.begun.empty();
    for (const Json& object : member(json, "objects", Json::value_t::array)) read_object(object, plan.set);
    for (const Json& change : member(json, "changes", Json::value_t::array))
      plan.changes.push_back(read_change(change));
    return plan;
  }

  // Nothing but what a deploy makes: a plan is no way to apply any object.
  void read_object(const Json& json, DesiredSet& set) {
    DesiredObject desired = recorded_object(member(json, "object", Json::value_t::object));
    const kube::Reference& reference = desired.reference;
    if (!may_be_of(set, desired)) return wrong("object");
    desired.place = read_place(json);
    desired.images.clear();
    for (const Json& image : member(json, "images", Json::value_t::array))
      desired.images.push_back(
          {text(image, "image"), member(image, "built", Json::value_t::boolean) == true, read_place(image), nullptr});
    if (json.contains("pullSecrets")) {
      for (const Json& secret : member(json, "pullSecrets", Json::value_t::array))
        desired.pull_secrets.push_back(
            {kube::find_resource_type("v1", "Secret"), text(secret, "namespace"), text(secret, "name")});
    }
    if (reference.type->kind == "Secret") desired.value_file = text(json, "valueFile");
    set.objects.push_back(std::move(desired));
  }

  Location read_place(const Json& json) {
    const Position begin{number(json, "line"), number(json, "column")};
    return {text(json, "file"), {begin, begin}};
  }

  ObjectChange read_change(const Json& json) {
    ObjectChange change;
    if (const auto action = action_from(text(json, "action"))) {
      change.action = *action;
    } else {
      wrong("action");
    }
    change.reference.type = kube::find_resource_type(text(json, "apiVersion"), text(json, "kind"));
    if (change.reference.type == nullptr) {
      wrong("kind");
      change.reference.type = kube::find_resource_type("v1", "ConfigMap");
    }
    change.reference.namespace_name = text(json, "namespace");
    change.reference.name = text(json, "name");
    change.uid = text(json, "uid");
    change.loses_data = member(json, "losesData", Json::value_t::boolean) == true;
    for (const Json& field : member(json, "seen", Json::value_t::array)) change.seen.push_back(read_field(field));
    return change;
  }

  kube::SeenField read_field(const Json& json) {
    kube::SeenField field;
    field.path = text(json, "path");
    if (const Json* value = find_member(json, {"value"})) field.value = *value;
    for (const Json& owner : member(json, "owners", Json::value_t::array))
      field.owners.push_back({text(owner, "manager"), text(owner, "operation"), text(owner, "time")});
    return field;
  }

  Status read_secrets(DesiredSet& set) {
    for (DesiredObject& desired : set.objects) {
      if (desired.reference.type->kind != "Secret") continue;
      const std::string shown = desired.value_file.string();
      fs::path file = desired.value_file;
      if (file.is_relative()) {
        auto inside = world_.files.resolve_beneath(root_, file);
        if (!inside) return tl::unexpected(std::move(inside.error()));
        file = std::move(*inside);
      }
      auto data = secret_data(world_, file, desired.reference.name, shown);
      if (!data) {
        data.error().advice =
            "a saved plan holds no values of secrets: put the file there; it is sent to the cluster "
            "and to nothing else";
        return tl::unexpected(std::move(data.error()));
      }
      desired.object["data"] = std::move(*data);
      desired.value_file = std::move(file);
    }
    return {};
  }

  const World& world_;
  const fs::path& root_;
  const std::string& file_;
  std::string wrong_;
};

tl::unexpected<Error> no_plan(const std::string& what) {
  return fail(ErrorKind::usage, what, "a plan is what liminal plan --context NAME --out FILE writes");
}

tl::unexpected<Error> not_as_written(std::string_view text, const std::string& file) {
  const Json other = Json::parse(text, nullptr, false);
  if (find_member(other, {"liminalPlan"}) != nullptr) return no_plan(file + " was written anew by another program");
  return no_plan(file + " is no plan of liminal");
}

// What is between `opening` and `closing`, when it is all there and nothing was changed; takes the digest from it.
Result<std::string_view> checked(std::string_view text, const std::string& file, std::string& digest) {
  const std::string_view all = text;
  const auto skip = [&](std::string_view part) {
    if (!text.starts_with(part)) return false;
    text.remove_prefix(part.size());
    return true;
  };
  if (!skip(opening)) return not_as_written(all, file);
  unsigned found = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), found);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (error != std::errc()) return not_as_written(all, file);
  if (found != version) {
    return fail(ErrorKind::usage,
                fmt::format("{} is a plan of version {}, and this program reads version {}", file, found, version),
                "apply it with the program that made it, or make a new one");
  }
  const bool opened = skip(before_digest);
  digest = text.substr(0, digest_size);
  text.remove_prefix(std::min(text.size(), digest_size));
  if (!opened || digest.size() < digest_size || !skip(before_plan) || !text.ends_with(closing))
    return no_plan(file + " is not whole: its end is missing");
  text.remove_suffix(closing.size());
  if (sha256_hex(text) != digest) return no_plan(file + " was changed after it was written");
  return text;
}

Result<SavedPlan> parse(const World& world, const fs::path& root, std::string_view text, const std::string& file) {
  std::string digest;
  const auto body = checked(text, file, digest);
  if (!body) return tl::unexpected(body.error());
  bool too_deep = false;
  const Json json = Json::parse(
      *body,
      [&](int depth, Json::parse_event_t, Json&) {
        too_deep = too_deep || depth > deepest;
        return depth <= deepest;
      },
      false);
  if (too_deep || !json.is_object()) return no_plan(file + " is no plan that this program wrote");
  auto plan = Reader(world, root, file).read(json);
  if (plan) plan->digest = digest;
  return plan;
}

}  // namespace

Result<std::string> write_saved_plan(const World& world, const SavedPlan& plan, const fs::path& root,
                                     const fs::path& file) {
  const std::string body = to_json(plan, root).dump(-1, ' ', true, Json::error_handler_t::replace);
  std::string digest = sha256_hex(body);
  const std::string text =
      fmt::format("{}{}{}{}{}{}{}", opening, version, before_digest, digest, before_plan, body, closing);
  constexpr std::uint32_t owner_alone = 0600;
  if (auto written = world.files.write(file, text, owner_alone); !written)
    return tl::unexpected(std::move(written.error()).wrap("the plan was not written"));
  return digest;
}

Result<SavedPlan> read_saved_plan(const World& world, const fs::path& root, const fs::path& file) {
  const auto text = world.files.read(file, size_limit);
  if (!text) return tl::unexpected(text.error());
  return parse(world, root, *text, file.string());
}

}  // namespace liminal::deploy
