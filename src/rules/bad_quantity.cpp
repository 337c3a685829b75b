#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "liminal/base/letter_case.hpp"
#include "liminal/base/quantity.hpp"

#include "catalogue.hpp"
#include "finding.hpp"

namespace liminal::rules {

namespace {

constexpr std::string_view units =
    "write a number and a unit: Ki, Mi, Gi, Ti (powers of 1024) or k, M, G, T (powers of 1000)";

void check_capacity(const model::System& system, const model::Volume& volume, DiagnosticSink& findings) {
  // No claim is of nothing.
  const auto amount = parse_quantity(volume.capacity);
  if (amount && *amount > 0) return;
  Diagnostic found =
      finding(bad_quantity, system, model::locate(volume.value, "capacity"),
              item_path("volumes", volume.name) + ".capacity", fmt::format("`{}` is not a size", volume.capacity));
  found.value = volume.capacity;
  found.help = units;
  findings.report(std::move(found));
}

// `requests` and `limits` of a container.
class Resources {
 public:
  // `templated`: an engine renders them before the cluster reads them.
  Resources(const model::System& system, const document::Value& value, bool templated, std::string path,
            DiagnosticSink& findings)
      : system_(system), value_(value), templated_(templated), path_(std::move(path)), findings_(findings) {}

  void check() {
    const document::Value* requests = value_.find("requests");
    const document::Value* limits = value_.find("limits");
    if (limits != nullptr) {
      for (const document::Value::Member& limit : limits->members) {
        check_name(limit, "limits");
        amount(limit, "limits");
      }
    }
    check_huge_pages(requests, limits);
    check_older_form();
    if (requests == nullptr) return;
    for (const document::Value::Member& request : requests->members) {
      check_name(request, "requests");
      const auto asked = amount(request, "requests");
      if (asked && is_exact(request.key)) {
        check_same(request, *asked, limits);
        continue;
      }
      const document::Value* limit = limits == nullptr ? nullptr : limits->find(request.key);
      const auto most = limit == nullptr ? std::nullopt : parse_quantity(limit->text());
      if (!asked || !most || *asked <= *most) continue;
      Diagnostic found = at(request, "requests",
                            fmt::format("{} of {} are asked for, and {} is the most that may be used",
                                        request.value.text(), request.key, limit->text()));
      found.help = "ask for at most the limit: the cluster refuses the container otherwise";
      findings_.report(std::move(found));
    }
  }

 private:
  // What a node has without a domain before it; a pod that asks for anything else is refused when it is made.
  void check_name(const document::Value::Member& member, std::string_view list) {
    constexpr auto known = std::to_array<std::string_view>({"cpu", "memory", "ephemeral-storage"});
    const bool own = member.key.find('/') == std::string::npos;
    if (!own) return check_whole(member, list);
    if (member.key.starts_with("hugepages-") || document::holds_template(member.key) ||
        std::find(known.begin(), known.end(), member.key) != known.end())
      return;
    Diagnostic found = finding(bad_quantity, system_, member.key_origin, fmt::format("{}.{}", path_, list),
                               fmt::format("Kubernetes has no resource `{}`", member.key));
    found.value = member.key;
    const std::string lower = to_lower(member.key);
    const bool is_known = std::find(known.begin(), known.end(), lower) != known.end();
    const auto likely = nearest(lower, known);
    const std::string meant = is_known ? lower : lower == "mem" ? std::string("memory") : likely.value_or("");
    found.help = meant.empty() ? "its own are cpu, memory, ephemeral-storage; others have a domain: nvidia.com/gpu"
                               : fmt::format("did you mean `{}`?", meant);
    findings_.report(std::move(found));
  }

  // Of devices and huge pages a container gets what it asks for, neither less nor more.
  static bool is_exact(std::string_view key) {
    return key.starts_with("hugepages-") || (key.find('/') != std::string_view::npos && !document::holds_template(key));
  }

  void check_same(const document::Value::Member& request, long double asked, const document::Value* limits) {
    const document::Value* limit = limits == nullptr ? nullptr : limits->find(request.key);
    if (limit != nullptr && templated_ && document::holds_template(limit->text())) return;
    const auto most = limit == nullptr ? std::nullopt : parse_quantity(limit->text());
    if (most == asked || (limit != nullptr && !most)) return;  // what is no amount is told
    Diagnostic found = at(request, "requests",
                          limit == nullptr ? fmt::format("{} is asked for without a limit", request.key)
                                           : fmt::format("{} of {} are asked for, and the limit is {}",
                                                         request.value.text(), request.key, limit->text()));
    found.help = fmt::format("write `{}: {}` under `limits`: the cluster refuses the container otherwise", request.key,
                             request.value.text());
    findings_.report(std::move(found));
  }

  // request_memory, limit_cpu and the like, which Airflow had before.
  void check_older_form() {
    for (document::Value::Member member : value_.members) {
      for (const std::string_view kind : {"request_", "limit_"}) {
        if (!member.key.starts_with(kind)) continue;
        member.key.erase(0, kind.size());
        amount(member, kind.substr(0, kind.size() - 1));
      }
    }
  }

  void check_huge_pages(const document::Value* requests, const document::Value* limits) {
    const document::Value::Member* pages = nullptr;
    for (const document::Value* list : {limits, requests}) {
      if (list == nullptr) continue;
      if (list->find("cpu") != nullptr || list->find("memory") != nullptr) return;
      for (const auto& member : list->members) {
        if (pages == nullptr && member.key.starts_with("hugepages-")) pages = &member;
      }
    }
    if (pages == nullptr) return;
    Diagnostic found = finding(bad_quantity, system_, pages->key_origin, path_,
                               fmt::format("{} are given without `cpu` or `memory`", pages->key));
    found.value = pages->key;
    found.help = "give an amount of one of them, too: the cluster refuses the container otherwise";
    findings_.report(std::move(found));
  }

  // Nobody gets half a device.
  void check_whole(const document::Value::Member& member, std::string_view list) {
    const auto amount = parse_quantity(member.value.text());
    if (!amount || *amount == std::floor(*amount)) return;
    Diagnostic found = at(member, list, fmt::format("`{}` of {} is no whole number", member.value.text(), member.key));
    found.help = "write a whole number";
    findings_.report(std::move(found));
  }

  std::optional<long double> amount(const document::Value::Member& member, std::string_view list) {
    if (member.value.kind != document::Kind::scalar || member.value.is_null()) return std::nullopt;  // its schema's
    const std::string text = member.value.text();
    if (templated_ && document::holds_template(text)) return std::nullopt;
    const auto amount = parse_quantity(text);
    if (amount && *amount >= 0) return amount;
    Diagnostic found = at(member, list, fmt::format("`{}` is not an amount of {}", text, member.key));
    found.help = document::holds_template(text) ? "set the placeholder in `variables`, or by `--set NAME=VALUE`"
                 : member.key == "cpu"          ? "write a number of processors, such as 2, 0.5 or 500m"
                                                : units;
    findings_.report(std::move(found));
    return std::nullopt;
  }

  [[nodiscard]] Diagnostic at(const document::Value::Member& member, std::string_view list, std::string message) const {
    Diagnostic found = finding(bad_quantity, system_, member.value.origin,
                               fmt::format("{}.{}.{}", path_, list, member.key), std::move(message));
    found.value = member.value.text();
    return found;
  }

  const model::System& system_;
  const document::Value& value_;
  bool templated_;
  std::string path_;
  DiagnosticSink& findings_;
};

void check(const Subject& subject, DiagnosticSink& findings) {
  for (const model::System& system : subject.systems) {
    for (const model::Volume& volume : system.volumes) check_capacity(system, volume, findings);
    for (const model::Service& service : system.services) {
      const document::Value* resources = service.value == nullptr ? nullptr : service.value->find("resources");
      if (resources != nullptr)
        Resources(system, *resources, false, item_path("services", service.name) + ".resources", findings).check();
    }
    for (const model::Executor& executor : system.executors) {
      if (executor.type != model::ExecutorType::kubernetes) continue;
      for (const auto& [key, value] : executor.arguments) {
        if (key == "resources" || key == "container_resources")
          Resources(system, *value, true, item_path("executors", executor.name) + "." + key, findings).check();
      }
    }
  }
}

}  // namespace

const Rule bad_quantity{
    .id = "bad-quantity",
    .severity = Severity::error,
    .summary = "A size or amount is not one that Kubernetes reads.",
    .explanation =
        R"(A volume's `capacity` and what `resources` of services and executors have under `requests` and `limits` are numbers with an optional unit: `100Gi`,
`500Mi`, `2T`, `500m`. Anything else is refused by the cluster when the object is made, and so are a request above its limit, one of a device (`nvidia.com/gpu`) or of huge pages
without a limit of the same amount, and huge pages without `cpu` or `memory`.)",
    .bad = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
volumes:
  - volume: data
    capacity: 10GB
    local:
      path: data
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
)",
    .good = R"(name: shop
images:
  - image: trainer
    type: python
    source: src
volumes:
  - volume: data
    capacity: 10G
    local:
      path: data
pipelines:
  - pipeline: daily
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: train
        type: python
        image: trainer
        cmd: echo training
)",
    .check = check,
};

}  // namespace liminal::rules
