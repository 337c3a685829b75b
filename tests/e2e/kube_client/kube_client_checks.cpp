// The client of Kubernetes against the API server that KUBECONFIG names; run by kube_client_test.py.
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/kube/client.hpp"

namespace liminal::kube {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;

class ApiServer : public ::testing::Test {
 protected:
  ApiServer() {
    const auto config = Kubeconfig::load(world, {});
    if (!config) throw std::runtime_error(config.error().message);
    auto connection = config->connect(config->current_context().value_or(""));
    if (!connection) throw std::runtime_error(connection.error().message);
    client.emplace(world, std::move(*connection));
  }

  static Reference config_map(std::string name) {
    return {find_resource_type("v1", "ConfigMap"), "default", std::move(name)};
  }
  static Json object(const Reference& target, Json rest) {
    Json whole{
        {"apiVersion", target.type->api_version()},
        {"kind", target.type->kind},
        {"metadata", {{"name", target.name}, {"namespace", target.namespace_name}, {"labels", {{"check", "yes"}}}}}};
    whole.update(rest, true);
    return whole;
  }
  static Call apply_call(const Reference& target, Json rest) {
    Call call;
    call.verb = Verb::apply;
    call.target = target;
    call.body = object(target, std::move(rest));
    return call;
  }
  Answer apply(const Reference& target, Json rest, const std::string& manager = "liminal") {
    Call call = apply_call(target, std::move(rest));
    call.query["fieldManager"] = manager;
    return must(client->call(call));
  }
  Answer call(Verb verb, const Reference& target, Json body = {}) {
    Call call;
    call.verb = verb;
    call.target = target;
    call.body = std::move(body);
    return must(client->call(call));
  }
  static Answer must(Result<Answer> answer) {
    EXPECT_TRUE(answer) << answer.error().message << fmt::format("{}", fmt::join(answer.error().causes, "; "));
    return answer.value_or(Answer{});
  }
  static std::string version(const Answer& answer) {
    return answer.body.value(Json::json_pointer("/metadata/resourceVersion"), "");
  }

  NativeFileSystem files;
  Environment environment = Environment::of_this_process();
  NativeProcessRunner processes{environment.get("PATH").value_or("")};
  std::unique_ptr<HttpClient> http = make_http_client("liminal-check", environment);
  SystemClock clock;
  NoProgress progress;
  Cancellation cancellation;
  World world{files, processes, *http, clock, environment, progress, cancellation, 1};
  std::optional<Client> client;
};

TEST_F(ApiServer, SaysItsVersion) {
  EXPECT_EQ(must(client->get_path("/version")).body["major"], "1");
  EXPECT_EQ(must(client->get_path("/readyz")).body, "ok");
  EXPECT_TRUE(must(client->get_path("/apis/no.such.group/v1")).not_found());
}

TEST_F(ApiServer, AnApplyOfTheSameChangesNothing) {
  const auto target = config_map("same");
  call(Verb::remove, target);
  EXPECT_EQ(apply(target, {{"data", {{"a", "1"}}}}).code, 201);
  const Answer second = apply(target, {{"data", {{"a", "1"}}}});
  EXPECT_EQ(second.code, 200);
  const Answer third = apply(target, {{"data", {{"a", "1"}}}});
  EXPECT_EQ(version(third), version(second));
  EXPECT_NE(version(apply(target, {{"data", {{"a", "2"}}}})), version(second));
  EXPECT_EQ(call(Verb::get, target).body["data"]["a"], "2");
}

TEST_F(ApiServer, AConflictNamesTheOtherManagerAndTheField) {
  const auto target = config_map("contended");
  ASSERT_TRUE(apply(target, {{"data", {{"a", "theirs"}}}}, "somebody-else").ok());
  const Answer refused = apply(target, {{"data", {{"a", "ours"}}}});
  EXPECT_TRUE(refused.field_conflict());
  const Error error = refusal("apply", target, refused);
  EXPECT_THAT(error.causes, Contains(HasSubstr("somebody-else")));
  EXPECT_THAT(error.causes, Contains(HasSubstr(".data.a")));
}

TEST_F(ApiServer, UnknownFieldsAreRefused) {
  const Reference target{find_resource_type("apps/v1", "Deployment"), "default", "strict"};
  const Answer refused = apply(target, {{"spec", {{"replics", 2}}}});
  EXPECT_TRUE(refused.invalid());
  EXPECT_THAT(refused.message, HasSubstr("replics"));
  EXPECT_TRUE(call(Verb::get, target).not_found());
}

TEST_F(ApiServer, ListsByLabelInPages) {
  std::vector<Call> calls;
  for (int i = 0; i < 30; ++i)
    calls.push_back(apply_call(config_map(fmt::format("page-{:02}", i)), {{"data", {{"n", "x"}}}}));
  for (auto& answer : client->call_all(calls)) EXPECT_TRUE(must(std::move(answer)).ok());
  Call list;
  list.verb = Verb::list;
  list.target = config_map("");
  list.query = {{"labelSelector", "check=yes"}, {"limit", "7"}};
  for (const bool metadata_only : {false, true}) {
    list.metadata_only = metadata_only;
    const Answer answer = must(client->call(list));
    std::set<std::string> names;
    for (const Json& item : answer.body["items"]) {
      names.insert(item["metadata"]["name"].get<std::string>());
      EXPECT_EQ(item.contains("data"), !metadata_only);
    }
    EXPECT_GE(names.size(), 30U);
    EXPECT_EQ(names.size(), answer.body["items"].size());
    EXPECT_FALSE(version(answer).empty());
  }
  list.query["labelSelector"] = "check=no";
  EXPECT_TRUE(must(client->call(list)).body["items"].empty());
}

TEST_F(ApiServer, TellsEventsSinceAVersion) {
  Call list;
  list.verb = Verb::list;
  list.target = config_map("");
  const std::string since = version(must(client->call(list)));
  const auto target = config_map("watched");
  ASSERT_TRUE(apply(target, {{"data", {{"a", "1"}}}}).ok());
  ASSERT_TRUE(call(Verb::remove, target).ok());
  std::vector<std::string> seen;
  const Answer end =
      must(client->watch(config_map(""), "check=yes", since, 20s, [&](std::string_view type, const Json& one) {
        seen.push_back(fmt::format("{} {}", type, one["metadata"].value("name", "")));
        return seen.back() != "DELETED watched";
      }));
  EXPECT_EQ(end.code, 200);
  EXPECT_THAT(seen, Contains("ADDED watched"));
  EXPECT_THAT(seen, Contains("DELETED watched"));

  const auto start = clock.monotonic();
  EXPECT_EQ(must(client->watch(config_map(""), "check=no", since, 1s, [](auto, auto) { return true; })).code, 200);
  EXPECT_LT(clock.monotonic() - start, 6s);
}

TEST_F(ApiServer, DeletesOnlyTheVeryObject) {
  const auto target = config_map("mine");
  const Answer made = apply(target, {{"data", {{"a", "1"}}}});
  const Answer refused = call(Verb::remove, target, {{"preconditions", {{"uid", "another"}}}});
  EXPECT_EQ(refused.code, 409);
  EXPECT_FALSE(refused.field_conflict());
  EXPECT_TRUE(call(Verb::remove, target, {{"preconditions", {{"uid", made.body["metadata"]["uid"]}}}}).ok());
  EXPECT_TRUE(call(Verb::get, target).not_found());
  EXPECT_EQ(refusal("read", target, call(Verb::get, target)).message,
            "there is no configmap/mine in namespace default");
}

TEST_F(ApiServer, RepeatsNoSecret) {
  const Reference target{find_resource_type("v1", "Secret"), "default", "hush"};
  const std::string canary = "canary-of-a-real-server";
  const Answer refused = apply(target, {{"stringData", {{"bad key " + canary, canary}}}, {"type", 5}});
  EXPECT_FALSE(refused.ok());
  const Answer other = apply(target, {{"data", {{"key", canary + "?"}}}});  // no Base64
  EXPECT_FALSE(other.ok());
  EXPECT_EQ(other.message.find(canary), std::string::npos);
}

TEST_F(ApiServer, ACreateOfAnAccessReviewAnswers) {
  const Reference target{find_resource_type("authorization.k8s.io/v1", "SelfSubjectAccessReview"), "", ""};
  const Json body{
      {"apiVersion", "authorization.k8s.io/v1"},
      {"kind", "SelfSubjectAccessReview"},
      {"spec", {{"resourceAttributes", {{"namespace", "default"}, {"verb", "patch"}, {"resource", "pods"}}}}}};
  const Answer answer = call(Verb::create, target, body);
  EXPECT_EQ(answer.code, 201);
  EXPECT_EQ(answer.body["status"]["allowed"], true);
}

// The caller counts connections.
TEST_F(ApiServer, TwoHundredCallsShareAConnection) {
  ASSERT_EQ(call(Verb::get, {find_resource_type("v1", "Namespace"), "", "default"}).code, 200);
  std::vector<Call> calls;
  for (int i = 0; i < 200; ++i)
    calls.push_back(apply_call(config_map(fmt::format("many-{:03}", i)), {{"data", {{"n", std::string(2000, 'x')}}}}));
  const auto start = clock.monotonic();
  std::size_t told = 0;
  const auto answers = client->call_all(calls, [&](std::size_t, const Result<Answer>&) { ++told; });
  for (const auto& answer : answers)
    EXPECT_TRUE(answer && answer->ok()) << (answer ? answer->message : answer.error().message);
  EXPECT_EQ(told, 200U);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock.monotonic() - start);
  fmt::print("200 applies took {} ms\n", took.count());
}

// On one connection, as the caller counts: requests that take two seconds each overlap, which HTTP/1.1 cannot do.
TEST_F(ApiServer, SlowRequestsShareAConnectionAtTheSameTime) {
  const Connection& to = client->connection();
  const auto proof = to.credentials->prove(world);
  ASSERT_TRUE(proof);
  HttpRequest request;
  request.url = to.server + "/api/v1/namespaces/default/pods?watch=true&timeoutSeconds=2";
  request.tls = to.tls;
  request.tls.certificate_pem = proof->certificate_pem;
  request.tls.key_pem = proof->key_pem;
  if (!proof->authorization.empty()) request.headers.add("Authorization", proof->authorization);
  std::vector<HttpRequest> requests(30, request);
  requests.front().url = to.server + "/version";
  const auto start = clock.monotonic();
  http->send_all(requests, 64, [&](std::size_t, const Result<HttpResponse>& response) {
    EXPECT_TRUE(response && response->status == 200) << (response ? "" : response.error().message);
  });
  EXPECT_LT(clock.monotonic() - start, 20s);
}

}  // namespace
}  // namespace liminal::kube
