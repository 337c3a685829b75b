#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster.hpp"

namespace liminal::kube {
namespace {

using testing::canary_token;
using testing::Cluster;
using ::testing::Each;
using ::testing::ElementsAre;
using testing::Exchange;
using ::testing::HasSubstr;
using testing::make_call;
using ::testing::Not;
using testing::reference;
using testing::refuse;
using testing::shown;

const Reference deployment = reference("apps/v1", "Deployment", "web");

TEST(KubeClient, AsksAsTheApiWantsIt) {
  Cluster cluster([](Exchange& e) { e.reply(200, {}, R"({"kind":"X"})"); });
  Client client = cluster.client();
  const Json body{{"metadata", {{"name", "web"}}}};
  struct Case {
    Call call;
    std::string method;
    std::string target;
    std::string content_type;
  };
  Call dry = make_call(Verb::apply, deployment, body);
  dry.query["dryRun"] = "All";
  Call scale = make_call(Verb::patch, deployment, body);
  scale.subresource = "scale";
  Call quota = make_call(Verb::get, reference("v1", "ResourceQuota", "q"));
  Call remove = make_call(Verb::remove, deployment, {{"preconditions", {{"uid", "u"}}}});
  const std::string path = "/apis/apps/v1/namespaces/ns/deployments";
  const std::string writes = "?fieldManager=liminal&fieldValidation=Strict";
  const std::vector<Case> cases{
      {make_call(Verb::get, deployment), "GET", path + "/web", ""},
      {quota, "GET", "/api/v1/namespaces/ns/resourcequotas/q", ""},
      {make_call(Verb::get, reference("v1", "Namespace", "ns", "")), "GET", "/api/v1/namespaces/ns", ""},
      {make_call(Verb::create, deployment, body), "POST", path + writes, "application/json"},
      {dry, "PATCH", path + "/web?dryRun=All&fieldManager=liminal&fieldValidation=Strict",
       "application/apply-patch+yaml"},
      {make_call(Verb::replace, deployment, body), "PUT", path + "/web" + writes, "application/json"},
      {scale, "PATCH", path + "/web/scale" + writes, "application/merge-patch+json"},
      {remove, "DELETE", path + "/web", "application/json"},
  };
  for (const Case& one : cases) {
    const auto answer = client.call(one.call);
    ASSERT_TRUE(answer) << shown(answer.error());
    const auto seen = cluster.server.requests().back();
    EXPECT_EQ(seen.method, one.method);
    EXPECT_EQ(seen.target, one.target);
    EXPECT_EQ(seen.header("Content-Type"), one.content_type);
    EXPECT_EQ(seen.header("Authorization"), "Bearer " + std::string(canary_token) + "-0");
  }
  EXPECT_EQ(cluster.server.requests().back().body,
            R"({"preconditions":{"uid":"u"},"kind":"DeleteOptions","apiVersion":"v1"})");
}

TEST(KubeClient, RefusesWhatWouldLeadElsewhere) {
  Cluster cluster([](Exchange& e) { e.reply(200, {}, "{}"); });
  Client client = cluster.client();
  for (const char* name : {"", "..", ".", "a/b", "a%2fb", "a b", "a\nb"}) {
    const auto answer = client.call(make_call(Verb::remove, reference("v1", "Pod", name)));
    ASSERT_FALSE(answer) << name;
    EXPECT_EQ(answer.error().kind, ErrorKind::usage);
  }
  EXPECT_FALSE(client.call(make_call(Verb::get, reference("v1", "Pod", "p", ""))));
  EXPECT_FALSE(client.call(make_call(Verb::get, reference("v1", "Unheard", "p"))));
  EXPECT_TRUE(cluster.server.requests().empty());
}

TEST(KubeClient, ReadsAllPagesOfAList) {
  Cluster cluster([](Exchange& e) {
    const bool second = e.request.target.find("continue=next%2F1") != std::string::npos;
    e.reply(200, {},
            second ? R"({"kind":"PodList","metadata":{"resourceVersion":"7"},"items":[{"a":3}]})"
                   : R"({"kind":"PodList","metadata":{"resourceVersion":"7","continue":"next/1",
                                 "remainingItemCount":1},"items":[{"a":1},{"a":2}]})");
  });
  Call call = make_call(Verb::list, reference("v1", "Pod", ""));
  call.query["labelSelector"] = "app=web,tier in (a,b)";
  call.metadata_only = true;
  const auto list = cluster.client().call(call);
  ASSERT_TRUE(list) << shown(list.error());
  EXPECT_EQ(list->body["items"].size(), 3U);
  EXPECT_EQ(list->body["metadata"], Json({{"resourceVersion", "7"}}));
  const auto requests = cluster.server.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_THAT(requests[0].target, HasSubstr("labelSelector=app%3Dweb%2Ctier%20in%20%28a%2Cb%29&limit=250"));
  EXPECT_THAT(requests[1].target, HasSubstr("labelSelector="));
  EXPECT_THAT(requests[0].header("Accept"), HasSubstr("as=PartialObjectMetadataList"));
}

TEST(KubeClient, BeginsAListAnewOnceWhenItsPagesGrewOld) {
  std::atomic<int> calls{0};
  Cluster cluster([&](Exchange& e) {
    switch (calls++) {
      case 0:
        return e.reply(200, {}, R"({"metadata":{"continue":"x"},"items":[{"a":1}]})");
      case 1:
        return refuse(e, 410, "Expired");
      default:
        return e.reply(200, {}, R"({"metadata":{},"items":[{"a":1},{"a":2}]})");
    }
  });
  const auto list = cluster.client().call(make_call(Verb::list, reference("v1", "Pod", "")));
  ASSERT_TRUE(list) << shown(list.error());
  EXPECT_EQ(list->body["items"].size(), 2U);
}

TEST(KubeClient, TellsRefusalsAsAnswers) {
  Cluster cluster([](Exchange& e) {
    refuse(
        e, 409, "Conflict", "Apply failed with 1 conflict",
        R"({"causes":[{"reason":"FieldManagerConflict","field":".spec.replicas","message":"conflict with \"kubectl\""},
               7, {"field":9}]})",
        {{"Warning", R"(299 - "old \"thing\"")"}, {"Warning", R"(299 - "old \"thing\"")"}});
  });
  const auto answer = cluster.client().call(make_call(Verb::apply, deployment, Json::object()));
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->ok());
  EXPECT_TRUE(answer->field_conflict());
  EXPECT_EQ(answer->reason, "Conflict");
  EXPECT_EQ(answer->causes.front().field, ".spec.replicas");
  EXPECT_THAT(answer->warnings, ElementsAre("old \"thing\""));
  EXPECT_EQ(cluster.server.requests().size(), 1U);
  const Error error = refusal("apply", deployment, *answer);
  EXPECT_EQ(error.kind, ErrorKind::failed);
  EXPECT_THAT(error.causes, ::testing::Contains(".spec.replicas: conflict with \"kubectl\""));
  EXPECT_FALSE(error.advice.empty());
}

TEST(KubeClient, AnApplyThatLostARaceIsTriedAgainUnlessItNamedAVersion) {
  std::atomic<int> calls{0};
  Cluster cluster([&](Exchange& e) {
    if (calls++ % 2 == 0) return refuse(e, 409, "Conflict", "Operation cannot be fulfilled on x");
    e.reply(200, {}, "{}");
  });
  Client client = cluster.client();
  EXPECT_EQ(client.call(make_call(Verb::apply, deployment, Json::object()))->code, 200);
  const Json versioned{{"metadata", {{"resourceVersion", "5"}}}};
  EXPECT_EQ(client.call(make_call(Verb::apply, deployment, versioned))->code, 409);
  calls = 0;
  EXPECT_EQ(client.call(make_call(Verb::replace, deployment, versioned))->code, 409);
}

TEST(KubeClient, TriesAgainWhatMayPassAndWaitsAsAsked) {
  for (const int status : {429, 500, 502, 503, 504}) {
    std::atomic<int> calls{0};
    Cluster cluster([&](Exchange& e) {
      if (calls++ < 2) return refuse(e, status, "Busy", "later", "{}", {{"Retry-After", "7"}});
      e.reply(200, {}, "{}");
    });
    const auto before = cluster.parts.clock.now();
    const auto answer = cluster.client().call(make_call(Verb::apply, deployment, Json::object()));
    ASSERT_TRUE(answer) << shown(answer.error());
    EXPECT_EQ(answer->code, 200);
    EXPECT_EQ(cluster.parts.clock.now() - before, std::chrono::seconds{14}) << status;
  }
  for (const int status : {400, 403, 404, 410, 413, 422, 501}) {
    Cluster cluster([&](Exchange& e) { refuse(e, status, "No"); });
    EXPECT_EQ(cluster.client().call(make_call(Verb::get, deployment))->code, status);
    EXPECT_EQ(cluster.server.requests().size(), 1U) << status;
  }
}

TEST(KubeClient, AnApplyOfUnknownFieldsIsNotTriedAgain) {
  Cluster cluster([](Exchange& e) {
    refuse(e, 500, "",
           "failed to create typed patch object (ns/web; apps/v1, Kind=Deployment): .spec.replics: no such");
  });
  const auto answer = cluster.client().call(make_call(Verb::apply, deployment, Json::object()));
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->invalid());
  EXPECT_EQ(cluster.server.requests().size(), 1U);
  const Error error = refusal("apply", deployment, *answer);
  EXPECT_FALSE(error.transient);
  EXPECT_EQ(error.message, "cannot apply deployment/web in namespace ns: the cluster finds it invalid");
  EXPECT_THAT(error.causes, ElementsAre(HasSubstr(".spec.replics")));
}

TEST(KubeClient, GivesUpWithTheLastAnswer) {
  Cluster cluster([](Exchange& e) { refuse(e, 500, "InternalError", "etcdserver: leader changed"); });
  const auto answer = cluster.client().call(make_call(Verb::get, deployment));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, 500);
  EXPECT_EQ(cluster.server.requests().size(), 6U);
  const Error error = refusal("read", deployment, *answer);
  EXPECT_TRUE(error.transient);
  EXPECT_THAT(shown(error), HasSubstr("leader changed"));
}

TEST(KubeClient, ACreateIsRepeatedOnlyWhenItCannotHaveBeenDone) {
  for (const bool reset : {true, false}) {
    Cluster cluster([&](Exchange& e) { reset ? e.reset() : refuse(e, 503, "Unavailable"); });
    static_cast<void>(cluster.client().call(make_call(Verb::create, deployment, Json::object())));
    EXPECT_EQ(cluster.server.requests().size(), 1U);
  }
  std::atomic<int> calls{0};
  Cluster busy([&](Exchange& e) { calls++ == 0 ? refuse(e, 429, "TooManyRequests") : e.reply(201, {}, "{}"); });
  EXPECT_EQ(busy.client().call(make_call(Verb::create, deployment, Json::object()))->code, 201);
}

TEST(KubeClient, BrokenConnectionsAreTriedAgain) {
  std::atomic<int> calls{0};
  Cluster cluster([&](Exchange& e) {
    switch (calls++) {
      case 0:
        return e.reset();
      case 1:
        return e.close();
      case 2:
        return e.cut_off(200, 100, "{\"kind\":");
      default:
        return e.reply(200, {}, "{}");
    }
  });
  const auto answer = cluster.client().call(make_call(Verb::apply, deployment, Json::object()));
  ASSERT_TRUE(answer) << shown(answer.error());
  EXPECT_GE(calls, 4);
}

TEST(KubeClient, SaysWhichClusterCannotBeReached) {
  Cluster cluster([](Exchange& e) { e.reply(200); });
  Connection nowhere = cluster.connection();
  nowhere.server = "http://127.0.0.1:" + std::to_string(testing::FaultServer::unused_port());
  Client client(cluster.world, nowhere);
  const auto answer = client.call(make_call(Verb::get, deployment));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(answer.error().message, "cannot speak to the cluster test (" + nowhere.server + ")");
  EXPECT_THAT(answer.error().causes.front(), HasSubstr("refuses the connection"));
  EXPECT_FALSE(answer.error().advice.empty());
}

TEST(KubeClient, AsksForNewCredentialsOnceAfterA401) {
  std::atomic<bool> expired{true};
  Cluster cluster([&](Exchange& e) {
    const bool old = e.request.header("Authorization").ends_with("-0");
    if (expired || old) return refuse(e, 401, "Unauthorized", "Unauthorized");
    e.reply(200, {}, "{}");
  });
  Client client = cluster.client();
  auto answer = client.call(make_call(Verb::get, deployment));
  EXPECT_EQ(answer->code, 401);
  EXPECT_EQ(cluster.server.requests().size(), 2U);
  const Error error = refusal("read", deployment, *answer);
  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  EXPECT_EQ(error.message, "the cluster does not know who asks to read deployments.apps in namespace ns");
  EXPECT_THAT(error.advice, HasSubstr("log in"));

  expired = false;
  const std::vector<Call> many(20, make_call(Verb::get, deployment));
  for (const auto& one : client.call_all(many)) EXPECT_EQ(one->code, 200);
  EXPECT_EQ(cluster.tokens->forgotten(), 1U);
  cluster.tokens->renewable = false;
  expired = true;
  EXPECT_EQ(client.call(make_call(Verb::get, deployment))->code, 401);
}

TEST(KubeClient, NamesWhatIsForbidden) {
  const auto forbidden = [](const std::string& message) {
    Cluster cluster([&](Exchange& e) { refuse(e, 403, "Forbidden", message); });
    return refusal("apply", deployment, *cluster.client().call(make_call(Verb::apply, deployment, Json::object())));
  };
  const Error role = forbidden("deployments.apps is forbidden: User x cannot patch resource deployments");
  EXPECT_EQ(role.kind, ErrorKind::unavailable);
  EXPECT_EQ(role.message, "this user may not apply deployment/web in namespace ns");
  EXPECT_THAT(role.advice, HasSubstr("deployments.apps in namespace ns"));
  const Error quota = forbidden("pods web is forbidden: exceeded quota: small");
  EXPECT_THAT(quota.message, HasSubstr("a rule of the cluster forbids"));
  EXPECT_THAT(quota.causes, ElementsAre(HasSubstr("exceeded quota")));
}

TEST(KubeClient, TellsAMissingObjectFromAMissingNamespaceAndAMissingKind) {
  const auto missing = [](const Reference& target, const std::string& details) {
    Cluster cluster([&](Exchange& e) { refuse(e, 404, "NotFound", "not found", details); });
    return refusal("read", target, *cluster.client().call(make_call(Verb::get, target)));
  };
  EXPECT_EQ(missing(deployment, R"({"name":"web","kind":"deployments"})").message,
            "there is no deployment/web in namespace ns");
  EXPECT_EQ(missing(deployment, R"({"name":"ns","kind":"namespaces"})").message, "there is no namespace ns");
  const Error kind = missing(reference("argoproj.io/v1alpha1", "Workflow", "w"), "{}");
  EXPECT_EQ(kind.message, "the cluster knows no workflows.argoproj.io of argoproj.io/v1alpha1");
  EXPECT_EQ(kind.advice, "install Argo Workflows in the cluster");
}

TEST(KubeClient, RefusesNonsense) {
  const std::string deep = "{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  for (const std::string& body : {std::string("<html>log in</html>"), std::string("[]"), std::string("{\"a\":"),
                                  std::string("\"\xff\""), deep, std::string()}) {
    Cluster cluster([&](Exchange& e) { e.reply(200, {}, body); });
    const auto answer = cluster.client().call(make_call(Verb::get, deployment));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(shown(answer.error()), HasSubstr("not what a Kubernetes API server says"));
    EXPECT_FALSE(answer.error().advice.empty());
  }
  Cluster elsewhere([](Exchange& e) { e.reply(302, {{"Location", "https://login.example/"}}); });
  EXPECT_FALSE(elsewhere.client().call(make_call(Verb::get, deployment)));
}

TEST(KubeClient, RefusesListsOfAnotherShape) {
  for (const std::string body :
       {R"({})", R"({"items":{}})", R"({"items":[null]})", R"({"items":["a"]})", R"({"items":[{},[]]})",
        R"({"items":[],"metadata":null})", R"({"items":[],"metadata":"m"})", R"({"items":[],"metadata":["continue"]})",
        R"({"items":[],"metadata":7})"}) {
    Cluster cluster([&](Exchange& e) { e.reply(200, {}, body); });
    const auto answer = cluster.client().call(make_call(Verb::list, reference("v1", "Pod", "")));
    ASSERT_FALSE(answer) << body;
    EXPECT_THAT(shown(answer.error()), HasSubstr("not what a Kubernetes API server says")) << body;
  }
  Cluster empty([](Exchange& e) { e.reply(200, {}, R"({"items":null})"); });
  EXPECT_TRUE(empty.client().call(make_call(Verb::list, reference("v1", "Pod", ""))));
}

TEST(KubeClient, HugeAndOddRefusalsAreBounded) {
  std::string causes = "[";
  for (int i = 0; i < 2000; ++i) causes += R"({"field":"f","reason":"r","message":"m"},)";
  causes.back() = ']';
  const std::vector<std::string> bodies{
      testing::status_body(422, "Invalid", std::string(100'000, 'x'), R"({"causes":)" + causes + "}"),
      std::string(1'000'000, 'y'), "line\r\n\x1b[31mred", R"({"message":5,"reason":[],"details":"x"})",
      R"({"details":{"causes":{}}})"};
  for (const std::string& body : bodies) {
    Cluster cluster([&](Exchange& e) { e.reply(422, {}, body); });
    const auto answer = cluster.client().call(make_call(Verb::get, deployment));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->code, 422);
    EXPECT_LE(answer->message.size(), 2010U);
    EXPECT_LE(answer->causes.size(), 100U);
    const Error error = refusal("read", deployment, *answer);
    EXPECT_LE(shown(error).size(), 10'000U);
    EXPECT_THAT(shown(error), Not(HasSubstr("\x1b")));
    EXPECT_LE(error.causes.size(), 11U);
  }
}

TEST(KubeClient, AnEndlessAnswerEnds) {
  Cluster cluster([](Exchange& e) { e.endless(); });
  const auto answer = cluster.client().call(make_call(Verb::get, deployment));
  ASSERT_FALSE(answer);
  EXPECT_THAT(shown(answer.error()), HasSubstr("allowed here"));
}

TEST(KubeClient, EchoedSecretsAreHidden) {
  const std::string secret = "canary-value-of-a-secret-39a1";
  const std::string echo = "bad: " + std::string(canary_token) + "-0 and " + secret + " and half " +
                           secret.substr(0, 14) + " and Y2FuYXJ5LXZhbHVlLW9mLWEtc2VjcmV0LTM5YTE= and 4711471147 end";
  Cluster cluster([&](Exchange& e) {
    refuse(e, 422, "Invalid", echo, R"({"causes":[{"field":"data","message":")" + echo + R"("}]})",
           {{"Warning", "299 - \"" + echo + "\""}});
  });
  const Json body{{"stringData", {{"key", secret}, {"number", 4711471147}}}, {"data", {{"short", "YWI="}}}};
  const auto answer = cluster.client().call(make_call(Verb::apply, reference("v1", "Secret", "s"), body));
  ASSERT_TRUE(answer);
  EXPECT_THAT(shown(*answer), Not(HasSubstr("canary")));
  EXPECT_THAT(shown(*answer), Not(HasSubstr("Y2FuYXJ5")));
  EXPECT_THAT(shown(*answer), Not(HasSubstr("4711471147")));
  EXPECT_THAT(shown(refusal("apply", reference("v1", "Secret", "s"), *answer)), Not(HasSubstr("canary")));

  Cluster plain([&](Exchange& e) { refuse(e, 400, "BadRequest", echo); });
  const auto other = plain.client().call(make_call(Verb::get, deployment));
  EXPECT_THAT(shown(*other), Not(HasSubstr(std::string(canary_token))));
  EXPECT_THAT(other->message, HasSubstr(" end"));
}

TEST(KubeClient, TellsOfEachOfManyCallsAsItComes) {
  Cluster cluster([](Exchange& e) {
    if (e.request.target.ends_with("/p7")) return refuse(e, 404, "NotFound");
    e.reply(200, {}, R"({"path":")" + e.request.target + "\"}");
  });
  std::vector<Call> calls;
  for (int i = 0; i < 100; ++i) calls.push_back(make_call(Verb::get, reference("v1", "Pod", "p" + std::to_string(i))));
  std::vector<int> told(calls.size());
  const auto answers = cluster.client().call_all(calls, [&](std::size_t index, const Result<Answer>& answer) {
    ++told[index];
    EXPECT_TRUE(answer);
  });
  EXPECT_THAT(told, Each(1));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (i == 7) {
      EXPECT_TRUE(answers[i]->not_found());
    } else {
      EXPECT_EQ(answers[i]->body["path"], "/api/v1/namespaces/ns/pods/p" + std::to_string(i));
    }
  }
  EXPECT_LE(cluster.server.connections(), 6U);
  EXPECT_TRUE(cluster.client().call_all({}).empty());
}

TEST(KubeClient, StopsWhenItIsCancelled) {
  Cluster cluster([](Exchange& e) { refuse(e, 503, "Busy", "later", "{}", {{"Retry-After", "100"}}); });
  cluster.parts.cancellation.request(15);
  const auto answer = cluster.client().call(make_call(Verb::get, deployment));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::interrupted);
}

TEST(KubeClient, ReadsPathsThatAreNoObjects) {
  Cluster cluster([](Exchange& e) {
    if (e.request.target == "/readyz") return e.reply(200, {}, "ok");
    if (e.request.target == "/version") return e.reply(200, {}, R"({"major":"1"})");
    e.reply(404, {{"Content-Type", "text/plain"}}, "404 page not found\n");
  });
  Client client = cluster.client();
  EXPECT_EQ(client.get_path("/readyz")->body, "ok");
  EXPECT_EQ(client.get_path("/version")->body["major"], "1");
  const auto missing = client.get_path("/apis/argoproj.io/v1alpha1");
  EXPECT_TRUE(missing->not_found());
  EXPECT_EQ(missing->message, "404 page not found ");
}

TEST(KubeClient, ActsAsWhomItIsToldTo) {
  Cluster cluster([](Exchange& e) { e.reply(200, {}, "{}"); });
  Connection connection = cluster.connection();
  connection.impersonation = {{"Impersonate-User", "ci"}, {"Impersonate-Group", "a"}, {"Impersonate-Group", "b"}};
  Client client(cluster.world, connection);
  ASSERT_TRUE(client.call(make_call(Verb::get, deployment)));
  EXPECT_THAT(cluster.server.requests().back().headers.all("Impersonate-Group"), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace liminal::kube
