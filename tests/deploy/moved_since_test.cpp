// What voids a saved plan, and what does not.
#include "moved_since.hpp"

#include <gmock/gmock.h>

#include "changes.hpp"

namespace liminal::deploy {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class MovedSince : public ::testing::Test {
 protected:
  MovedSince() {
    saved_.set = {"shop", "default", "", {}};
    saved_.revision = 3;
    saved_.changes = {change("dag", Action::update, "u"), change("new", Action::create, ""),
                      change("old", Action::remove, "o")};
    saved_.changes[0].seen = {{".data.a", "1", {{"liminal", "Apply", "then"}}}};
    now_ = saved_;
    live_.inventory.revision = 3;
    for (const char* name : {"dag", "old"})
      live_.members[reference(name)] = {
          {"metadata",
           {{"managedFields", {{{"manager", "helm"}, {"operation", "Update"}, {"fieldsV1", Json::object()}}}}}}};
  }

  static kube::Reference reference(const char* name, const char* kind = "ConfigMap") {
    return {kube::find_resource_type("v1", kind), "default", name};
  }

  static ObjectChange change(const char* name, Action action, const char* uid) {
    ObjectChange result;
    result.reference = reference(name);
    result.action = action;
    result.uid = uid;
    return result;
  }

  std::vector<Error> moved() { return moved_since(saved_, now_, live_, "digest"); }

  void expect(const char* words) {
    const auto errors = moved();
    ASSERT_THAT(errors, SizeIs(1)) << words;
    EXPECT_THAT(errors[0].message, HasSubstr(words));
    EXPECT_EQ(errors[0].kind, ErrorKind::failed);
    EXPECT_THAT(errors[0].advice, HasSubstr("make a new plan"));
  }

  SetPlan saved_;
  SetPlan now_;
  LiveSet live_;
};

TEST_F(MovedSince, NothingDid) {
  EXPECT_THAT(moved(), IsEmpty());
}

TEST_F(MovedSince, AFieldWithItsNewOwner) {
  now_.changes[0].seen[0] = {".data.a", "2", {{"kubectl", "Update", "today"}}};
  expect(
      "configmap/dag in namespace default has moved since the plan was made: .data.a was 1 and is 2, set by kubectl "
      "since today");
}

TEST_F(MovedSince, AFieldOfTheSameValueWithAnotherOwner) {
  now_.changes[0].seen[0].owners.push_back({"kubectl", "Update", "today"});
  expect(".data.a was set by kubectl since today");
}

TEST_F(MovedSince, AFieldThatIsGone) {
  now_.changes[0].seen[0] = {".data.a", nullptr, {}};
  expect(".data.a was 1 and is nothing, set by helm");
}

TEST_F(MovedSince, OurOwnTimeTellsOfSecretsAlone) {
  now_.changes[0].seen[0].owners[0].time = "now";
  EXPECT_THAT(moved(), IsEmpty());
  for (SetPlan* plan : {&saved_, &now_}) {
    plan->changes[0].reference = reference("dag", "Secret");
    plan->changes[0].seen[0].value = nullptr;
  }
  live_.members[reference("dag", "Secret")] = Json::object();
  expect("secret/dag in namespace default has moved since the plan was made: .data.a was set by liminal since now");
}

TEST_F(MovedSince, AnObjectThatWentCameOrWasMadeAnew) {
  now_.changes[0].uid = "other";
  expect("was deleted and made anew");
  now_ = saved_;
  now_.changes[1].action = Action::unchanged;
  live_.members[reference("new")] = Json::object();
  expect("configmap/new in namespace default is there, and was not when the plan was made");
  now_ = saved_;
  now_.changes.pop_back();
  live_.members.erase(reference("old"));
  expect("configmap/old in namespace default is gone");
  now_ = saved_;
  now_.changes.push_back(change("more", Action::remove, "m"));
  live_.members[reference("old")] = Json::object();
  expect("configmap/more in namespace default is there");
}

TEST_F(MovedSince, AnotherDeploy) {
  now_.revision = 4;
  expect("was made after deploy 3, and by now there is deploy 4");
  now_ = saved_;
  now_.begun = "ada at noon";
  live_.inventory.pending = Pending{"ada", "noon", {}};
  expect("that of ada at noon");
}

TEST_F(MovedSince, WhatTheSamePlanDidIsNone) {
  now_.begun = "ada at noon";
  live_.inventory.pending = Pending{"ada", "noon", {reference("dag"), reference("new"), reference("old")}, "digest"};
  now_.changes = {change("dag", Action::unchanged, "u"), change("new", Action::unchanged, "n")};
  EXPECT_THAT(moved(), IsEmpty());
  now_.changes.push_back(change("more", Action::remove, "m"));
  EXPECT_THAT(moved(), SizeIs(1)) << "what it was not to touch";
}

TEST_F(MovedSince, AnAppliedPlanIsAppliedOnce) {
  now_.revision = 4;
  live_.inventory.plan = "digest";
  now_.changes = {change("dag", Action::unchanged, "u"), change("new", Action::unchanged, "n")};
  EXPECT_THAT(moved(), IsEmpty());
  now_.changes[0].action = Action::update;
  EXPECT_THAT(moved(), ::testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace liminal::deploy
