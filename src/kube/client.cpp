#include "liminal/kube/client.hpp"

#include "logs.hpp"
#include "session.hpp"
#include "watch.hpp"

namespace liminal::kube {

struct Client::State {
  State(const World& world, Connection connection) : session(world, std::move(connection)) {}
  Session session;
};

Client::Client(const World& world, Connection connection)
    : state_(std::make_unique<State>(world, std::move(connection))) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

const Connection& Client::connection() const {
  return state_->session.connection;
}

Result<Answer> Client::call(const Call& call) {
  return std::move(call_all({call}).front());
}

std::vector<Result<Answer>> Client::call_all(const std::vector<Call>& calls,
                                             const std::function<void(std::size_t, const Result<Answer>&)>& on_answer) {
  std::vector<Exchange> exchanges(calls.begin(), calls.end());
  state_->session.run(exchanges, [&](std::size_t index) {
    if (on_answer) on_answer(index, exchanges[index].outcome());
  });
  std::vector<Result<Answer>> answers;
  answers.reserve(exchanges.size());
  for (Exchange& exchange : exchanges) answers.push_back(std::move(exchange.outcome()));
  return answers;
}

Result<Answer> Client::get_path(const std::string& path) {
  std::vector<Exchange> exchanges{Exchange(path)};
  state_->session.run(exchanges, [](std::size_t) {});
  return std::move(exchanges.front().outcome());
}

Result<Answer> Client::watch(const Reference& collection, const std::string& label_selector,
                             const std::string& resource_version, std::chrono::milliseconds timeout,
                             const std::function<bool(std::string_view, const Json&)>& on_event) {
  return Watch(state_->session, collection, label_selector, resource_version, timeout, on_event).run();
}

Result<Answer> Client::logs(const Reference& pod, const LogOptions& options,
                            const std::function<Status(std::string_view)>& on_line) {
  return Logs(state_->session, pod, options, on_line).run();
}

}  // namespace liminal::kube
