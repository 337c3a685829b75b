#include "exchange.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "liminal/base/pauses.hpp"
#include "liminal/base/untrusted_json.hpp"

#include "answer.hpp"

namespace liminal::kube {

namespace {

constexpr std::size_t list_limit = 1024U << 20U;  // bytes of all pages of a list

const Json* member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

bool has_metadata(const Json& object, const char* name) {
  const Json* metadata = member(object, "metadata");
  return metadata != nullptr && member(*metadata, name) != nullptr;
}

bool about_a_quota(const Answer& answer) {
  const Json* details = member(answer.body, "details");
  const Json* kind = details == nullptr ? nullptr : member(*details, "kind");
  return kind != nullptr && *kind == "resourcequotas";
}

// Whoever reads a list may take it that items and metadata are objects.
bool is_page(const Json& page) {
  const Json* items = member(page, "items");
  const Json* metadata = member(page, "metadata");
  if (items == nullptr || !(items->is_array() || items->is_null())) return false;
  if (metadata != nullptr && !metadata->is_object()) return false;
  return std::all_of(items->begin(), items->end(), [](const Json& item) { return item.is_object(); });
}

Error nonsense() {
  return {ErrorKind::unavailable,
          "what the server answers is not what a Kubernetes API server says",
          "check the server's address in the kubeconfig, and whether a proxy or a login page stands before it",
          {},
          {},
          false};
}

}  // namespace

bool is_passing_status(int status) {
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

void Exchange::hide(HiddenText& hidden) const {
  if (call_.target.type != nullptr && call_.target.type->kind == "Secret") hidden.add_secret_object(call_.body);
}

bool Exchange::may_repeat(const Error& error) const {
  return error.transient && (call_.verb != Verb::create || error.unsent);
}

bool Exchange::may_repeat(const Answer& answer) const {
  if (answer.invalid()) return false;
  if (is_passing_status(answer.code)) return call_.verb != Verb::create || answer.code == 429;
  if (answer.code != 409 || answer.field_conflict()) return false;
  if (about_a_quota(answer)) return true;  // the server lost a race of its own, before anything was written
  // So it did with an apply that named no version to be applied to.
  return call_.verb == Verb::apply && !has_metadata(call_.body, "resourceVersion") && !has_metadata(call_.body, "uid");
}

Exchange::Step Exchange::take(Result<HttpResponse> response, const HiddenText& hidden, const Clock& clock) {
  wish_.reset();
  if (!response) {
    Error& error = response.error();
    for (std::string& cause : error.causes) cause = hidden.clean(cause, 500);
    const bool again = may_repeat(error) && attempts_ + 1 < max_attempts;
    outcome_ = tl::unexpected(std::move(error));
    if (!again) return Step::done;
    ++attempts_;
    return Step::try_again;
  }
  if (response->status >= 200 && response->status < 300) return take_success(*response, hidden);
  return take_refusal(*response, hidden, clock);
}

Exchange::Step Exchange::take_success(const HttpResponse& response, const HiddenText& hidden) {
  Answer answer;
  answer.code = response.status;
  answer.warnings = read_warnings(response.headers, hidden);
  auto body = parse_json(response.body);
  if (!path_.empty()) {
    answer.body = body ? std::move(*body) : Json(hidden.clean(response.body, 2000));
    outcome_ = std::move(answer);
    return Step::done;
  }
  if (!body || !body->is_object()) {
    outcome_ = tl::unexpected(nonsense());
    return Step::done;
  }
  if (call_.verb != Verb::list) {
    answer.body = std::move(*body);
    outcome_ = std::move(answer);
    return Step::done;
  }
  const Step step = take_page(std::move(*body), response.body.size());
  if (step == Step::done && outcome_) outcome_->warnings = std::move(answer.warnings);
  return step;
}

Exchange::Step Exchange::take_page(Json page, std::size_t bytes) {
  if (!is_page(page)) {
    outcome_ = tl::unexpected(nonsense());
    return Step::done;
  }
  list_bytes_ += bytes;
  if (list_bytes_ > list_limit) {
    outcome_ = tl::unexpected(Error{ErrorKind::unavailable,
                                    fmt::format("the list of {} does not come to an end", call_.target.type->plural),
                                    "look at the cluster's API server",
                                    {},
                                    {},
                                    false});
    return Step::done;
  }
  if (!items_.is_array()) items_ = Json::array();
  for (Json& item : page["items"]) items_.push_back(std::move(item));
  next_page_.clear();
  const Json* metadata = member(page, "metadata");
  if (const Json* next = metadata == nullptr ? nullptr : member(*metadata, "continue"); next && next->is_string()) {
    next_page_ = next->get<std::string>();
  }
  attempts_ = 0;
  if (!next_page_.empty()) return Step::go_on;
  page["items"] = std::move(items_);
  items_ = nullptr;
  if (metadata != nullptr) {
    page["metadata"].erase("continue");
    page["metadata"].erase("remainingItemCount");
  }
  Answer answer;
  answer.code = 200;
  answer.body = std::move(page);
  outcome_ = std::move(answer);
  return Step::done;
}

Exchange::Step Exchange::take_refusal(const HttpResponse& response, const HiddenText& hidden, const Clock& clock) {
  if (response.status < 400) {  // no API server leads elsewhere
    outcome_ = tl::unexpected(nonsense());
    return Step::done;
  }
  Answer answer = read_refusal(response, hidden);
  if (answer.code == 410 && !next_page_.empty() && !listed_again_) {  // the pages grew too old: from the start
    listed_again_ = true;
    next_page_.clear();
    items_ = nullptr;
    return Step::go_on;
  }
  const bool log_in = answer.code == 401 && !logged_in_again_;
  const bool again = may_repeat(answer) && attempts_ + 1 < max_attempts;
  outcome_ = std::move(answer);
  if (log_in) {
    logged_in_again_ = true;
    return Step::log_in;
  }
  if (!again) return Step::done;
  ++attempts_;
  wish_ = retry_after(response.headers, clock.now());
  return Step::try_again;
}

}  // namespace liminal::kube
