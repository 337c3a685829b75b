#include "history.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "liminal/base/base64.hpp"
#include "liminal/base/gzip.hpp"

#include "desired.hpp"
#include "inventory.hpp"
#include "live_set.hpp"

namespace liminal::deploy {

namespace {

constexpr std::string_view history_label = "liminal/history";  // its value: the set's parent
constexpr std::string_view revision_label = "liminal/revision";
constexpr std::size_t part_bytes = 600U << 10;  // of one ConfigMap, which holds 1 MiB after Base64
constexpr std::size_t kept = 20;
constexpr std::uint64_t objects_limit = 256ULL << 20;

kube::Reference record_reference(const DesiredSet& set, unsigned number, std::size_t part) {
  const std::string name = part == 0 ? fmt::format("{}.{}", set.parent_name(), number)
                                     : fmt::format("{}.{}.{}", set.parent_name(), number, part);
  return {kube::find_resource_type("v1", "ConfigMap"), set.namespace_name, name};
}

Result<std::string> compressed(const std::string& text) {
  std::string bytes;
  GzipWriter writer(
      [&](std::string_view piece) -> Status {
        bytes.append(piece);
        return {};
      },
      1);
  if (auto written = writer.write(text); !written) return tl::unexpected(written.error());
  if (auto finished = writer.finish(); !finished) return tl::unexpected(finished.error());
  return bytes;
}

Result<std::string> decompressed(std::string bytes) {
  std::size_t at = 0;
  const ByteSource source = decompress([&](char* buffer, std::size_t capacity) -> Result<std::size_t> {
    const std::size_t count = bytes.copy(buffer, capacity, at);
    at += count;
    return count;
  });
  std::string text;
  std::string buffer(64U << 10, '\0');
  for (;;) {
    auto count = source(buffer.data(), buffer.size());
    if (!count) return tl::unexpected(std::move(count.error()));
    if (*count == 0) return text;
    text.append(buffer, 0, *count);
    if (text.size() > objects_limit)
      return fail(ErrorKind::failed, "the record of a deploy is larger than any should be");
  }
}

Json summary_of(const Revision& revision) {
  const Author& author = revision.author;
  Json summary = {
      {"revision", revision.number}, {"time", revision.time},   {"what", revision.what}, {"who", author.who},
      {"host", author.host},         {"commit", author.commit}, {"run", author.run}};
  if (revision.restores > 0) summary["restores"] = revision.restores;
  return summary;
}

Json record_object(const DesiredSet& set, const kube::Reference& reference, unsigned number) {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata",
           {{"name", reference.name},
            {"namespace", reference.namespace_name},
            {"labels",
             {{"app.kubernetes.io/managed-by", "liminal"},
              {std::string(history_label), set.parent_name()},
              {std::string(revision_label), std::to_string(number)}}}}}};
}

Status write_part(kube::Client& client, Json object, const kube::Reference& reference) {
  kube::Call call;
  call.verb = kube::Verb::apply;
  call.target = reference;
  call.query["fieldManager"] = kube::field_manager;
  // A deploy that was killed after this and before its end writes the same number again.
  call.query["force"] = "true";
  call.body = std::move(object);
  auto answer = client.call(call);
  if (!answer) return tl::unexpected(std::move(answer.error()));
  if (!answer->ok()) return tl::unexpected(kube::refusal("write", reference, *answer));
  return {};
}

unsigned number_of(const Json& object) {
  const std::string text = label_of(object, revision_label);
  unsigned number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Result<std::vector<Json>> records(kube::Client& client, const DesiredSet& set, const std::string& more_labels,
                                  bool metadata_only) {
  kube::Call call;
  call.verb = kube::Verb::list;
  call.target = {kube::find_resource_type("v1", "ConfigMap"), set.namespace_name, ""};
  call.query["labelSelector"] = fmt::format("{}={}{}", history_label, set.parent_name(), more_labels);
  call.metadata_only = metadata_only;
  auto answer = client.call(call);
  if (!answer) return tl::unexpected(std::move(answer.error()));
  if (!answer->ok()) return tl::unexpected(kube::refusal("list", call.target, *answer));
  const Json* items = find_member(answer->body, {"items"});
  return items != nullptr && items->is_array() ? std::vector<Json>(items->begin(), items->end()) : std::vector<Json>();
}

// Old records go, and parts of this number that a killed run left.
Status prune(kube::Client& client, const DesiredSet& set, unsigned newest, std::size_t parts) {
  std::set<std::string> written;
  for (std::size_t part = 0; part < parts; ++part) written.insert(record_reference(set, newest, part).name);
  auto found = records(client, set, "", true);
  if (!found) return tl::unexpected(std::move(found.error()));
  std::vector<kube::Call> calls;
  for (const Json& object : *found) {
    const std::string name = text_at(object, {"metadata", "name"});
    const unsigned number = number_of(object);
    if (number == newest ? written.contains(name) : number + kept > newest) continue;
    kube::Call call;
    call.verb = kube::Verb::remove;
    call.target = {kube::find_resource_type("v1", "ConfigMap"), set.namespace_name, name};
    call.body = {{"preconditions", {{"uid", text_at(object, {"metadata", "uid"})}}}};
    calls.push_back(std::move(call));
  }
  for (auto& answer : client.call_all(calls)) {
    if (!answer) return tl::unexpected(std::move(answer.error()));
  }
  return {};
}

std::optional<Revision> revision_from(const Json& object) {
  const Json summary = Json::parse(text_at(object, {"data", "summary.json"}), nullptr, false);
  if (!summary.is_object()) return std::nullopt;
  Revision revision;
  revision.number = number_of(object);
  revision.time = text_at(summary, {"time"});
  revision.what = text_at(summary, {"what"});
  revision.author = {text_at(summary, {"who"}), text_at(summary, {"host"}), text_at(summary, {"commit"}),
                     text_at(summary, {"run"})};
  if (const Json* restores = find_member(summary, {"restores"}); restores != nullptr && restores->is_number_unsigned())
    revision.restores = restores->get<unsigned>();
  return revision;
}

// The deploy whose objects it applied.
unsigned content_of(const Revision& revision) {
  return revision.restores > 0 ? revision.restores : revision.number;
}

// The deploy that was good before the last, with other objects. One that did not end has changed the cluster, and the
// last that ended is the one before it; 0: there is none.
Result<unsigned> number_before(kube::Client& client, const DesiredSet& set, const std::vector<Revision>& history) {
  const auto inventory = read_inventory(client, set);
  if (!inventory) return tl::unexpected(inventory.error());
  if (inventory->pending) return inventory->revision;
  const auto other = std::find_if(history.begin(), history.end(), [&](const Revision& revision) {
    return content_of(revision) != content_of(history.front());
  });
  return other == history.end() ? 0 : other->number;
}

std::size_t parts_of(const Json& first) {
  const Json summary = Json::parse(text_at(first, {"data", "summary.json"}), nullptr, false);
  const Json* parts = find_member(summary, {"parts"});
  return parts != nullptr && parts->is_number_unsigned() ? parts->get<std::size_t>() : 1;
}

// The first part says how many there are: more of its number were left by a deploy that was killed. Nothing when one is
// missing.
std::optional<std::string> joined(const std::vector<Json>& found, const DesiredSet& set, unsigned number) {
  std::string bytes;
  std::size_t parts = 1;
  for (std::size_t part = 0; part < parts; ++part) {
    const std::string name = record_reference(set, number, part).name;
    const auto object = std::find_if(found.begin(), found.end(), [&](const Json& one) {
      return text_at(one, {"metadata", "name"}) == name;
    });
    if (object == found.end()) return std::nullopt;
    const auto piece = base64_decode(text_at(*object, {"binaryData", "objects.json.gz"}));
    if (!piece) return std::nullopt;
    bytes += *piece;
    if (part == 0) parts = parts_of(*object);
  }
  return bytes;
}

}  // namespace

Status write_revision(kube::Client& client, const DesiredSet& set, const Revision& revision) {
  Json objects = Json::array();
  for (Json object : revision.objects) {
    if (text_at(object, {"kind"}) == "Secret") object.erase("data");
    objects.push_back(std::move(object));
  }
  const auto bytes = compressed(objects.dump(-1, ' ', true, Json::error_handler_t::replace));
  if (!bytes) return tl::unexpected(bytes.error());
  const std::size_t parts = bytes->size() / part_bytes + 1;
  // The first part, which says how many there are, comes last: a record that is there is whole.
  for (std::size_t part = parts; part-- > 0;) {
    const kube::Reference reference = record_reference(set, revision.number, part);
    Json object = record_object(set, reference, revision.number);
    object["binaryData"] = {{"objects.json.gz", base64_encode(bytes->substr(part * part_bytes, part_bytes))}};
    if (part == 0) {
      Json summary = summary_of(revision);
      summary["parts"] = parts;
      object["data"] = {{"summary.json", summary.dump(-1, ' ', true, Json::error_handler_t::replace)}};
    }
    if (auto written = write_part(client, std::move(object), reference); !written) return written;
  }
  return prune(client, set, revision.number, parts);
}

Result<std::vector<Revision>> read_history(kube::Client& client, const DesiredSet& set) {
  auto found = records(client, set, "", false);
  if (!found) return tl::unexpected(std::move(found.error()));
  std::vector<Revision> revisions;
  for (const Json& object : *found) {
    if (auto revision = revision_from(object)) revisions.push_back(std::move(*revision));
  }
  std::sort(revisions.begin(), revisions.end(),
            [](const Revision& a, const Revision& b) { return a.number > b.number; });
  return revisions;
}

Result<std::string> read_unfinished(kube::Client& client, const DesiredSet& set) {
  const auto inventory = read_inventory(client, set);
  if (!inventory) return tl::unexpected(inventory.error());
  if (!inventory->pending) return std::string();
  return inventory->pending->author + " at " + inventory->pending->started;
}

Result<DesiredSet> read_revision(kube::Client& client, const DesiredSet& set, unsigned number) {
  const auto history = read_history(client, set);
  if (!history) return tl::unexpected(history.error());
  if (number == 0) {
    const auto before = number_before(client, set, *history);
    if (!before) return tl::unexpected(before.error());
    number = *before;
  }
  const auto wanted = [&](const Revision& revision) { return revision.number == number; };
  const auto found = std::find_if(history->begin(), history->end(), wanted);
  if (found == history->end()) {
    std::vector<unsigned> numbers;
    for (const Revision& revision : *history) numbers.push_back(revision.number);
    return fail(ErrorKind::usage,
                number == 0 ? fmt::format("there is no deploy of {} before the last", set_name(set))
                            : fmt::format("there is no record of deploy {} of {}", number, set_name(set)),
                numbers.empty() ? std::string("nothing was deployed yet")
                                : fmt::format("deploys on record: {}", fmt::join(numbers, ", ")));
  }
  auto recorded = read_objects(client, set, number);
  if (recorded) recorded->restored = {content_of(*found), found->author.commit};
  return recorded;
}

Result<DesiredSet> read_objects(kube::Client& client, const DesiredSet& set, unsigned number) {
  const auto found = records(client, set, fmt::format(",{}={}", revision_label, number), false);
  if (!found) return tl::unexpected(found.error());
  auto bytes = joined(*found, set, number);
  if (!bytes) return fail(ErrorKind::failed, fmt::format("the record of deploy {} has lost a part", number));
  const auto text = decompressed(*std::move(bytes));
  if (!text) return tl::unexpected(text.error());
  const Json objects = Json::parse(*text, nullptr, false);
  if (!objects.is_array())
    return fail(ErrorKind::failed, fmt::format("the record of deploy {} cannot be read", number));
  DesiredSet result{set.system, set.namespace_name, set.origin, {}};
  for (const Json& object : objects) {
    DesiredObject recorded = recorded_object(object);
    // Whoever may write ConfigMaps may write records.
    if (!may_be_of(set, recorded))
      return fail(
          ErrorKind::failed,
          fmt::format("the record of deploy {} names {}, which no deploy of {} makes: somebody changed it", number,
                      recorded.reference.type == nullptr ? "an object of an unknown kind" : recorded.reference.text(),
                      set_name(set)),
          "deploy from the commit of that deploy instead (`history` tells it)");
    auto& where = recorded.reference.type->kind == "Secret" ? result.secrets_without_values : result.objects;
    where.push_back(std::move(recorded));
  }
  return result;
}

std::vector<std::string> lost_secrets(kube::Client& client, const DesiredSet& recorded) {
  std::vector<kube::Call> calls;
  for (const DesiredObject& secret : recorded.secrets_without_values) {
    kube::Call call;
    call.target = secret.reference;
    call.metadata_only = true;
    calls.push_back(std::move(call));
  }
  const auto answers = client.call_all(calls);
  std::vector<std::string> notes;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    // Who may not look at secrets is told nothing of them.
    if (!answers[i] || !answers[i]->not_found()) continue;
    notes.push_back(fmt::format("{} is gone, and its value is not on record: `liminal create` makes it from its file",
                                calls[i].target.text()));
  }
  return notes;
}

}  // namespace liminal::deploy
