#include <algorithm>

#include <fmt/format.h>

#include "liminal/kube/client.hpp"

namespace liminal::kube {

namespace {

constexpr std::size_t causes_shown = 10;

// As rules of RBAC name it: deployments.apps.
std::string resource_of(const Reference& target) {
  if (target.type == nullptr) return "objects";
  return target.type->group.empty() ? std::string(target.type->plural)
                                    : fmt::format("{}.{}", target.type->plural, target.type->group);
}

std::string scope_of(const Reference& target) {
  return target.namespace_name.empty() ? "the cluster" : fmt::format("namespace {}", target.namespace_name);
}

std::string kind_of_status(const Answer& answer) {
  const Json::json_pointer place("/details/kind");
  if (!answer.body.is_object() || !answer.body.contains(place) || !answer.body[place].is_string()) return {};
  return answer.body[place].get<std::string>();
}

// Roles say no in one way ("cannot patch resource"); quotas, admission rules and ending namespaces in theirs.
void explain_forbidden(Error& error, std::string_view verb, const Reference& target, const Answer& answer) {
  const bool by_role =
      answer.message.empty() || answer.message.find("cannot ") != std::string::npos || target.type == nullptr;
  const std::string what =
      target.name.empty() ? fmt::format("{} in {}", resource_of(target), scope_of(target)) : target.text();
  error.kind = ErrorKind::unavailable;
  error.message =
      fmt::format("{} {} {}", by_role ? "this user may not" : "a rule of the cluster forbids to", verb, what);
  error.advice = by_role ? fmt::format(
                               "ask for a role that allows it on {} in {}; `kubectl auth can-i --list` shows "
                               "what this user may do",
                               resource_of(target), scope_of(target))
                         : "change what the server names, or ask whoever runs the cluster to";
}

void explain_missing(Error& error, const Reference& target, const Answer& answer) {
  const std::string missing = kind_of_status(answer);
  if (missing == "namespaces" && (target.type == nullptr || target.type->kind != "Namespace")) {
    error.message = fmt::format("there is no namespace {}", target.namespace_name);
    error.advice = fmt::format("make it: kubectl create namespace {}", target.namespace_name);
  } else if (!missing.empty()) {
    error.message = fmt::format("there is no {}", target.text());
    error.advice = "check its name and the namespace";
  } else {
    const std::string version = target.type == nullptr ? "" : target.type->api_version();
    error.message = fmt::format("the cluster knows no {} of {}", resource_of(target), version);
    error.advice =
        version.starts_with("argoproj.io/") ? "install Argo Workflows in the cluster" : "check the cluster's version";
  }
}

void explain_conflict(Error& error, std::string_view verb, const Reference& target, const Answer& answer) {
  if (answer.field_conflict()) {
    error.message = fmt::format("cannot {} {}: some of its fields belong to others", verb, target.text());
    error.advice = "let the others give those fields up, or leave them out here";
  } else if (answer.reason == "AlreadyExists") {
    error.message = fmt::format("cannot {} {}: it is there already", verb, target.text());
    error.advice = "take another name, or delete what is there";
  } else {
    error.message = fmt::format("cannot {} {}: it was changed or replaced meanwhile", verb, target.text());
    error.advice = "run it again";
  }
}

void add_server_words(Error& error, const Answer& answer) {
  if (answer.causes.empty()) {
    if (!answer.message.empty()) error.causes.push_back("the server says: " + answer.message);
    return;
  }
  for (const Cause& cause : answer.causes) {
    if (error.causes.size() == causes_shown) {
      error.causes.push_back(fmt::format("and {} more", answer.causes.size() - causes_shown));
      return;
    }
    error.causes.push_back(cause.field.empty() ? cause.message : fmt::format("{}: {}", cause.field, cause.message));
  }
}

}  // namespace

Error refusal(std::string_view verb, const Reference& target, const Answer& answer) {
  Error error;
  error.message = fmt::format("cannot {} {} (status {})", verb, target.text(), answer.code);
  if (answer.invalid()) {
    error.message = fmt::format("cannot {} {}: the cluster finds it invalid", verb, target.text());
    error.advice = "correct what the server names";
    add_server_words(error, answer);
    return error;
  }
  switch (answer.code) {
    case 401:
      error.kind = ErrorKind::unavailable;
      error.message =
          fmt::format("the cluster does not know who asks to {} {} in {}", verb, resource_of(target), scope_of(target));
      error.advice = "log in to the cluster again, or correct the user of this context in the kubeconfig";
      break;
    case 403:
      explain_forbidden(error, verb, target, answer);
      break;
    case 404:
      explain_missing(error, target, answer);
      break;
    case 409:
      explain_conflict(error, verb, target, answer);
      break;
    case 410:
      error.message = fmt::format("what was read of {} is too old to go on from", resource_of(target));
      error.advice = "run it again";
      break;
    case 413:
      error.message = fmt::format("cannot {} {}: it is larger than the cluster allows", verb, target.text());
      error.advice = "make it smaller: an object may have about 1.5 MB, a ConfigMap or Secret 1 MiB";
      break;
    case 429:
      error.message = fmt::format("cannot {} {}: the cluster asks for fewer requests", verb, target.text());
      error.advice = "wait, and run it again";
      error.kind = ErrorKind::unavailable;
      error.transient = true;
      break;
    default:
      error.transient = answer.code >= 500;
      if (answer.code >= 500) error.kind = ErrorKind::unavailable;
      error.advice = answer.code >= 500
                         ? "the cluster has a fault of its own: look at its API server, then run it again"
                         : "look at what the server says";
      break;
  }
  add_server_words(error, answer);
  return error;
}

}  // namespace liminal::kube
