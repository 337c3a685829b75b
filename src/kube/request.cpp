#include <algorithm>

#include <fmt/format.h>

#include "liminal/base/http_url.hpp"

#include "exchange.hpp"

namespace liminal::kube {

namespace {

constexpr unsigned page_size = 250;
constexpr std::uint64_t answer_limit = 64ULL << 20;
constexpr std::uint64_t page_limit = 512ULL << 20;  // 250 of the largest objects there can be

std::string_view method_of(Verb verb) {
  switch (verb) {
    case Verb::get:
    case Verb::list:
      return "GET";
    case Verb::create:
      return "POST";
    case Verb::replace:
      return "PUT";
    case Verb::apply:
    case Verb::patch:
      return "PATCH";
    case Verb::remove:
      return "DELETE";
  }
  return "GET";
}

std::string_view content_type_of(Verb verb) {
  if (verb == Verb::apply) return "application/apply-patch+yaml";  // JSON is YAML
  if (verb == Verb::patch) return "application/merge-patch+json";
  return "application/json";
}

std::string_view accept_of(const Call& call) {
  if (!call.metadata_only) return "application/json";
  return call.verb == Verb::list ? "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
                                 : "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json";
}

bool writes_fields(Verb verb) {
  return verb == Verb::create || verb == Verb::apply || verb == Verb::replace || verb == Verb::patch;
}

// What a path segment of the API can be; anything else could lead to another path.
Status check_segment(std::string_view what, const std::string& text) {
  const bool bad =
      text == "." || text == ".." || text.size() > 253 || std::any_of(text.begin(), text.end(), [](char c) {
        return c == '/' || c == '%' || static_cast<unsigned char>(c) < 0x21 || c == 0x7f;
      });
  if (!bad) return {};
  return fail(ErrorKind::usage,
              fmt::format("{} is no name of {}",
                          Json(text.substr(0, 100)).dump(-1, ' ', true, Json::error_handler_t::replace), what),
              "use lower-case letters, digits, and - between them");
}

std::string body_of(const Call& call) {
  if (call.body.is_null() || (call.verb == Verb::remove && call.body.empty())) return {};
  Json body = call.body;
  if (call.verb == Verb::remove && !body.contains("kind")) {
    body["kind"] = "DeleteOptions";
    body["apiVersion"] = "v1";
  }
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string encode_query(const std::map<std::string, std::string>& query) {
  std::string text;
  for (const auto& [name, value] : query) {
    text += fmt::format("{}{}={}", text.empty() ? "?" : "&", percent_encode(name), percent_encode(value));
  }
  return text;
}

}  // namespace

Result<std::string> path_of(const Reference& target, Verb verb, const std::string& subresource) {
  if (target.type == nullptr) {
    return fail(ErrorKind::usage, fmt::format("{} is of a kind that liminal does not know", target.text()));
  }
  const ResourceType& type = *target.type;
  const bool of_collection = verb == Verb::list || (verb == Verb::create && subresource.empty());
  if (!of_collection && target.name.empty()) {
    return fail(ErrorKind::usage, fmt::format("a {} without a name cannot be asked for", type.kind));
  }
  if (type.namespaced && target.namespace_name.empty() && verb != Verb::list) {
    return fail(ErrorKind::usage, fmt::format("the {} {} is in no namespace", type.kind, target.name));
  }
  for (const auto& [what, text] : {std::pair("a namespace", &target.namespace_name),
                                   std::pair("an object", &target.name), std::pair("a subresource", &subresource)}) {
    if (auto checked = check_segment(what, *text); !checked) return tl::unexpected(std::move(checked.error()));
  }
  std::string path =
      type.group.empty() ? fmt::format("/api/{}", type.version) : fmt::format("/apis/{}/{}", type.group, type.version);
  if (type.namespaced && !target.namespace_name.empty()) path += "/namespaces/" + percent_encode(target.namespace_name);
  path += fmt::format("/{}", type.plural);
  if (!of_collection) path += "/" + percent_encode(target.name);
  if (!subresource.empty()) path += "/" + percent_encode(subresource);
  return path;
}

Result<HttpRequest> Exchange::request(const std::string& server) const {
  HttpRequest request;
  request.body_limit = answer_limit;
  if (!path_.empty()) {
    request.url = server + path_;
    request.headers.add("Accept", "application/json, */*");
    return request;
  }
  auto path = path_of(call_.target, call_.verb, call_.subresource);
  if (!path) return tl::unexpected(std::move(path.error()));
  std::map<std::string, std::string> query = call_.query;
  if (writes_fields(call_.verb)) {
    query.emplace("fieldManager", field_manager);
    query.emplace("fieldValidation", "Strict");
  }
  if (call_.verb == Verb::list) {
    request.body_limit = page_limit;
    query.emplace("limit", std::to_string(page_size));
    if (!call_.target.name.empty()) query.emplace("fieldSelector", "metadata.name=" + call_.target.name);
    if (!next_page_.empty()) {
      query["continue"] = next_page_;
      query.erase("resourceVersion");  // the page's own counts, and both are refused
      query.erase("resourceVersionMatch");
    }
  }
  request.method = method_of(call_.verb);
  request.url = server + *path + encode_query(query);
  request.headers.add("Accept", std::string(accept_of(call_)));
  request.body = body_of(call_);
  if (!request.body.empty()) request.headers.add("Content-Type", std::string(content_type_of(call_.verb)));
  return request;
}

}  // namespace liminal::kube
