// What the calls of the client share: asking one server, signed in, and telling what went wrong.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "liminal/airflow/client.hpp"
#include "liminal/base/http_url.hpp"

namespace liminal::airflow {

class Client::Connection {
 public:
  // Which statuses and breaks are tried again.
  enum class Repeat {
    safe,   // the call may be made twice
    never,  // once only
  };

  Connection(const World& world, Server server) : world_(world), server_(std::move(server)) {}

  // Errors: as of Client::connect.
  Status open();
  [[nodiscard]] const ServerVersion& version() const { return version_; }
  [[nodiscard]] bool is_airflow_3() const { return version_.major >= 3; }
  // Airflow 3.N or newer.
  [[nodiscard]] bool is_airflow_3_from(unsigned minor) const;
  [[nodiscard]] const World& world() const { return world_; }

  // `target` begins below /api/vN. Any answer that came is returned, a 401 after the token was renewed once.
  [[nodiscard]] Result<HttpResponse> send(const std::string& method, const std::string& target, const Json* body,
                                          Repeat repeat, std::string_view accept = "application/json",
                                          unsigned* attempts = nullptr);
  // GET whose answer, when it is one of success, comes piece by piece; `begin` is called before its first, of each
  // attempt. An error of `take` ends it.
  struct Pieces {
    std::function<void()> begin;
    std::function<Status(std::string_view)> take;
  };
  [[nodiscard]] Result<HttpResponse> get_in_pieces(const std::string& target, std::string_view accept,
                                                   const Pieces& pieces);
  // The answer's JSON. Errors: what could not be reached, another status than 2xx, no JSON. `doing` ends "Airflow could
  // not ...".
  [[nodiscard]] Result<Json> get(const std::string& target, std::string_view doing);
  [[nodiscard]] Result<Json> change(const std::string& method, const std::string& target, const Json& body,
                                    std::string_view doing);

  [[nodiscard]] Error refusal(std::string_view doing, const HttpResponse& response) const;
  // JSON of an answer that has the status it should have.
  [[nodiscard]] Result<Json> read(std::string_view doing, const HttpResponse& response) const;

 private:
  [[nodiscard]] Status check_address() const;
  [[nodiscard]] Result<HttpResponse> send_once(const HttpRequest& request, Repeat repeat, unsigned* attempts = nullptr);
  [[nodiscard]] Result<HttpResponse> send_signed(const HttpRequest& unsigned_request, Repeat repeat,
                                                 unsigned* attempts);
  [[nodiscard]] HttpRequest api_request(const std::string& method, const std::string& target,
                                        std::string_view accept) const;
  Status sign_in();
  [[nodiscard]] std::string authorization();
  [[nodiscard]] HttpRequest request(const std::string& method, const std::string& path) const;
  [[nodiscard]] std::string who() const;

  const World& world_;
  Server server_;
  ServerVersion version_;
  std::mutex mutex_;
  std::string token_;  // of Airflow 3

  friend class Client;
};

// A member that is a string, made one line of bounded length; empty when it is something else.
[[nodiscard]] std::string text_at(const Json& object, std::string_view member);
// Of several lines, as it came.
[[nodiscard]] std::string whole_text_at(const Json& object, std::string_view member);
[[nodiscard]] std::string one_line(std::string_view text);
// The members of a list of objects; empty when there is no such list.
[[nodiscard]] std::vector<Json> list_at(const Json& object, std::string_view member);

[[nodiscard]] std::string path_of(const std::string& dag);                             // /dags/ID
[[nodiscard]] std::string path_of(const std::string& dag, const std::string& run_id);  // /dags/ID/dagRuns/RUN

}  // namespace liminal::airflow
