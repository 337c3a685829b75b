// A client of one Kubernetes API server: reading, server-side apply, deleting with preconditions, watching, logs.
// https://kubernetes.io/docs/reference/using-api/api-concepts/
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "liminal/base/world.hpp"
#include "liminal/kube/kubeconfig.hpp"
#include "liminal/kube/resource.hpp"

namespace liminal::kube {

inline constexpr std::string_view field_manager = "liminal";

// A cause of a refusal (Status.details.causes): FieldManagerConflict, FieldValueInvalid, ...
struct Cause {
  std::string reason;
  std::string field;
  std::string message;
};

// What the server answered. A refusal (4xx, 5xx after all attempts) is an answer with the parts of its Status.
struct Answer {
  int code = 0;         // HTTP's
  Json body;            // the object, the list; of a refusal the Status as far as it could be read
  std::string reason;   // NotFound, Conflict, Invalid, Forbidden, AlreadyExists, ...
  std::string message;  // the server's own words: untrusted text
  std::vector<Cause> causes;
  std::vector<std::string> warnings;  // the server's Warning headers

  [[nodiscard]] bool ok() const { return code >= 200 && code < 300; }
  [[nodiscard]] bool not_found() const { return code == 404; }
  // 409 with FieldManagerConflict causes; a 409 without them is a lost race.
  [[nodiscard]] bool field_conflict() const;
  // The object is at fault, and no other attempt helps: 400, 422, and the 500 that API servers give to an apply with
  // fields that they do not know.
  [[nodiscard]] bool invalid() const;
};

// A refusal as an error for the user: what was asked (verb, object), what the server said, what to do. 401 and 403 are
// `unavailable` and name verb, kind and namespace; all else is `failed`.
[[nodiscard]] Error refusal(std::string_view verb, const Reference& target, const Answer& answer);

enum class Verb {
  get,
  list,     // every page of it, as one list in `body.items`; Reference::name is empty, or the only one that is wanted
  create,   // POST
  apply,    // server-side apply, never forced
  replace,  // PUT; body.metadata.resourceVersion is its precondition
  patch,    // JSON merge patch
  remove,   // DELETE; the body is DeleteOptions (preconditions, propagationPolicy)
};

struct Call {
  Verb verb = Verb::get;
  Reference target;
  std::string subresource;                   // status, scale, log, ...; empty: the object itself
  std::map<std::string, std::string> query;  // labelSelector, dryRun, ...; its values are encoded here
  Json body;
  bool metadata_only = false;  // of get and list: PartialObjectMetadata
  // Asked before each attempt, where it is set: an error ends the call. May itself call the client.
  std::function<Status()> allowed{};
};

// One client may be used from several threads at once. User agent: the HttpClient's. A 401 makes it ask the credentials
// once more; 429, 500, 502, 503, 504 and broken connections are tried again where that is safe (Retry-After, else
// growing random pauses): every verb but create, which is tried again only when nothing can have been done (not
// connected, 429). So are an apply that lost a race of the server's own (409 without conflicts, where the body names no
// version or uid), and what a quota refused for such a race. Texts of the server are bounded, on one line, and free of
// credentials and of a Secret's values.
class Client {
 public:
  Client(const World& world, Connection connection);
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  [[nodiscard]] const Connection& connection() const;

  // Errors: the server cannot be reached, is not trusted, or answers nonsense (unavailable); interrupted.
  [[nodiscard]] Result<Answer> call(const Call& call);
  // Independent calls side by side on one connection (HTTP/2 where the server has it), at most 64 at a time; answers in
  // the order of the calls. `on_answer` hears of each as it comes, in the caller's thread.
  [[nodiscard]] std::vector<Result<Answer>> call_all(
      const std::vector<Call>& calls,
      const std::function<void(std::size_t index, const Result<Answer>& answer)>& on_answer = {});

  // GET of a path of the API that is no object: /version, /apis/argoproj.io/v1alpha1, /readyz.
  [[nodiscard]] Result<Answer> get_path(const std::string& path);

  // Events of objects from `resource_version` on: type is ADDED, MODIFIED, DELETED or BOOKMARK. Returns when `on_event`
  // says so (false), the time is over, or the server ends it; Answer.code 410: list again. A connection that breaks is
  // made anew and goes on from the last event.
  [[nodiscard]] Result<Answer> watch(const Reference& collection, const std::string& label_selector,
                                     const std::string& resource_version, std::chrono::milliseconds timeout,
                                     const std::function<bool(std::string_view type, const Json& object)>& on_event);

  struct LogOptions {
    std::string container;
    bool follow = false;
    std::optional<unsigned> tail;  // last lines
    bool previous = false;         // of the container before its restart
    bool timestamps = false;
  };
  // Each line as it comes; what broke off after a first line is an error (transient), and not asked for again. A
  // refusal (the pod is gone, its container waits) is an answer.
  [[nodiscard]] Result<Answer> logs(const Reference& pod, const LogOptions& options,
                                    const std::function<Status(std::string_view line)>& on_line);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace liminal::kube
