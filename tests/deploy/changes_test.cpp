// What is planned from what is wanted and what is live.
#include "changes.hpp"

#include <gmock/gmock.h>

namespace liminal::deploy {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Changes : public ::testing::Test {
 protected:
  Changes() { set_ = {"shop", "default", "https://example.org/shop.git", {}}; }

  static Json object(const std::string& kind, const std::string& name, const Json& more = Json::object()) {
    Json result = {{"apiVersion", kind == "Deployment" ? "apps/v1" : "v1"},
                   {"kind", kind},
                   {"metadata", {{"name", name}, {"namespace", "default"}}}};
    if (kind == "PersistentVolume") result["metadata"].erase("namespace");
    result.update(more);
    return result;
  }

  void want(const Json& object) {
    DesiredObject desired;
    desired.object = object;
    desired.reference = kube::reference_of(object);
    desired.place.file = "liminal.yml";
    set_.objects.push_back(std::move(desired));
  }

  // As an earlier deploy left it: labelled and listed.
  void is_live(Json object, bool listed = true, const std::string& manager = "liminal") {
    const kube::Reference reference = kube::reference_of(object);
    object["metadata"]["uid"] = "uid-" + reference.name;
    object["metadata"]["managedFields"] = Json::array(
        {{{"manager", manager},
          {"operation", "Apply"},
          {"fieldsV1", {{"f:metadata", {{"f:labels", {{"f:applyset.kubernetes.io/part-of", Json::object()}}}}}}}}});
    if (listed) live_.inventory.uids[reference] = "uid-" + reference.name;
    live_.members[reference] = std::move(object);
  }

  SetPlan plan() { return plan_changes(set_, live_, options_); }

  DesiredSet set_;
  LiveSet live_;
  Options options_;
};

TEST_F(Changes, WhatIsNotThereIsCreated) {
  want(object("ConfigMap", "a"));
  EXPECT_EQ(plan().count(Action::create), 1U);
}

TEST_F(Changes, WhatIsNoLongerWantedIsRemovedWithProofAlone) {
  is_live(object("ConfigMap", "ours"));
  is_live(object("ConfigMap", "unlisted"), false);
  is_live(object("ConfigMap", "theirs"), true, "kubectl");
  const SetPlan planned = plan();
  EXPECT_EQ(planned.count(Action::remove), 1U);
  EXPECT_EQ(planned.count(Action::keep), 2U);
}

TEST_F(Changes, WhatAKilledDeployWasToMakeIsKnown) {
  is_live(object("ConfigMap", "half"), false);
  live_.inventory.pending = Pending{"ada", "then", {kube::reference_of(object("ConfigMap", "half"))}};
  const SetPlan planned = plan();
  EXPECT_EQ(planned.count(Action::remove), 1U);
  EXPECT_TRUE(planned.unfinished);
  ASSERT_THAT(planned.notes, SizeIs(1));
  EXPECT_THAT(planned.notes[0], HasSubstr("ada"));
}

TEST_F(Changes, AnotherUidIsAnotherObject) {
  is_live(object("ConfigMap", "a"));
  live_.inventory.uids[kube::reference_of(object("ConfigMap", "a"))] = "uid-before";
  EXPECT_EQ(plan().count(Action::keep), 1U);
}

TEST_F(Changes, DataStaysUntilItIsNamed) {
  is_live(object("PersistentVolumeClaim", "data"));
  EXPECT_EQ(plan().count(Action::keep), 1U);
  options_.delete_data = {"data"};
  EXPECT_EQ(plan().count(Action::remove), 1U);
}

TEST_F(Changes, AChangeThatWouldCostDataIsAnObstacle) {
  want(object("PersistentVolumeClaim", "data", {{"spec", {{"storageClassName", "fast"}}}}));
  is_live(object("PersistentVolumeClaim", "data", {{"spec", {{"storageClassName", "slow"}}}}));
  const SetPlan planned = plan();
  ASSERT_THAT(planned.obstacles, SizeIs(1));
  EXPECT_THAT(planned.obstacles[0].advice, HasSubstr("--delete-data data"));
}

TEST_F(Changes, AVolumeAndItsClaimAreMadeAnewTogetherAndEitherNameWillDo) {
  const auto volume = [](const char* path) {
    return object("PersistentVolume", "data",
                  {{"spec", {{"local", {{"path", path}}}, {"claimRef", {{"name", "data-pvc"}}}}}});
  };
  const Json claim = object("PersistentVolumeClaim", "data-pvc", {{"spec", {{"volumeName", "data"}}}});
  want(volume("/new"));
  want(claim);
  is_live(volume("/old"));
  is_live(claim);
  EXPECT_THAT(plan().obstacles, SizeIs(1));
  for (const char* name : {"data", "data-pvc"}) {
    options_.delete_data = {name};
    const SetPlan planned = plan();
    EXPECT_THAT(planned.obstacles, IsEmpty()) << name;
    EXPECT_EQ(planned.count(Action::replace), 2U) << name;
    EXPECT_TRUE(planned.changes[1].loses_data) << name;
  }
  set_.objects.clear();
  EXPECT_EQ(plan().count(Action::remove), 2U);
}

TEST_F(Changes, WhatIsBeingDeletedIsMadeAnewAndDataThatGoesIsAnObstacle) {
  Json going = object("ConfigMap", "a");
  going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  want(object("ConfigMap", "a"));
  is_live(going);
  EXPECT_EQ(plan().count(Action::replace), 1U);
  EXPECT_THAT(plan().obstacles, IsEmpty());
  set_.objects.clear();
  live_.members.begin()->second["metadata"]["finalizers"] = {"example.org/stuck"};
  EXPECT_FALSE(plan().has_changes()) << "it goes already";
  ASSERT_EQ(plan().count(Action::keep), 1U) << "it is still there";
  EXPECT_EQ(plan().changes[0].note, "is being deleted, held by the finalizer example.org/stuck");
  live_.members.clear();
  Json claim = object("PersistentVolumeClaim", "data");
  claim["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  want(object("PersistentVolumeClaim", "data"));
  is_live(claim);
  ASSERT_THAT(plan().obstacles, SizeIs(1));
  EXPECT_THAT(plan().obstacles[0].message, HasSubstr("is being deleted"));
}

// A volume that is a folder cannot: the cluster would refuse it.
TEST_F(Changes, AClaimDoesNotGrow) {
  const auto size = [](const char* text) {
    return Json{{"spec", {{"resources", {{"requests", {{"storage", text}}}}}}}};
  };
  want(object("PersistentVolumeClaim", "data", size("2Gi")));
  is_live(object("PersistentVolumeClaim", "data", size("1Gi")));
  ASSERT_THAT(plan().obstacles, SizeIs(1));
  EXPECT_THAT(plan().obstacles[0].message, HasSubstr(".spec.resources.requests.storage cannot change"));
  options_.delete_data = {"data"};
  EXPECT_EQ(plan().count(Action::replace), 1U);
}

TEST_F(Changes, ASecretThatSomebodyLockedIsMadeAnew) {
  want(object("Secret", "key", {{"data", {{"credentials", "b3Vycw=="}}}}));
  is_live(object("Secret", "key", {{"data", {{"credentials", "b2xk"}}}, {"immutable", true}}));
  EXPECT_EQ(plan().count(Action::replace), 1U);
  live_.members.begin()->second["immutable"] = false;
  EXPECT_EQ(plan().count(Action::update), 1U);
}

// A copy has them too, and so has what a backup brought back.
TEST_F(Changes, LabelsAloneDoNotMakeAnObjectOurs) {
  want(object("ConfigMap", "a", {{"data", {{"key", "ours"}}}}));
  is_live(object("ConfigMap", "a", {{"data", {{"key", "theirs"}}}}), true, "kubectl-create");
  ASSERT_THAT(plan().obstacles, SizeIs(1));
  EXPECT_EQ(plan().obstacles[0].message,
            "configmap/a in namespace default carries this system's labels, and was made by kubectl-create, and not by "
            "its deploys");
  EXPECT_THAT(plan().obstacles[0].advice, HasSubstr("--adopt configmap/a"));
  EXPECT_THAT(plan().changes, IsEmpty());
  for (const char* adopted : {"configmap/a", "system/shop"}) {
    options_.adopt = {adopted};
    EXPECT_THAT(plan().obstacles, IsEmpty());
    ASSERT_EQ(plan().count(Action::update), 1U);
    EXPECT_TRUE(plan().changes[0].forced);
  }
  options_.adopt.clear();
  live_.members.begin()->second["metadata"].erase("managedFields");
  ASSERT_THAT(plan().obstacles, SizeIs(1));
  EXPECT_THAT(plan().obstacles[0].message, HasSubstr("(managedFields)"));
  options_.compare_only = true;
  EXPECT_THAT(plan().obstacles, IsEmpty());
}

// Somebody labelled it anew: what it is called by says nothing, its UID does.
TEST_F(Changes, OursWithAnotherLabelIsOursStill) {
  want(object("ConfigMap", "a", {{"data", {{"key", "1"}}}}));
  is_live(object("ConfigMap", "a"));
  live_.strangers = std::exchange(live_.members, {});
  EXPECT_THAT(plan().obstacles, IsEmpty());
  EXPECT_EQ(plan().count(Action::update), 1U);
  live_.inventory.uids.clear();
  EXPECT_THAT(plan().obstacles, SizeIs(1));
}

TEST_F(Changes, AStrangerIsAnObstacleUntilItIsAdopted) {
  want(object("Secret", "key", {{"data", {{"credentials", "b3Vycw=="}}}}));
  live_.strangers[set_.objects[0].reference] = object("Secret", "key", {{"data", {{"credentials", "dGhlaXJz"}}}});
  set_.objects[0].place = {"liminal.yml", {{4, 3}, {4, 6}}};
  ASSERT_THAT(plan().obstacles, SizeIs(1));
  EXPECT_EQ(plan().obstacles[0].location.file, "liminal.yml");
  EXPECT_EQ(plan().obstacles[0].location.range.begin, (Position{4, 3}));
  options_.adopt = {"secret/key"};
  const SetPlan planned = plan();
  EXPECT_THAT(planned.obstacles, IsEmpty());
  ASSERT_EQ(planned.count(Action::update), 1U);
  for (const kube::FieldChange& field : planned.changes[0].fields) {
    EXPECT_TRUE(field.before.is_null() && field.after.is_null()) << "the values of a secret";
  }
}

TEST_F(Changes, ReplicasOfAnotherManagerAreLeftToItUntilTheyAreAdopted) {
  want(object("Deployment", "web", {{"spec", {{"replicas", 2}, {"minReadySeconds", 5}}}}));
  Json live = object("Deployment", "web", {{"spec", {{"replicas", 5}, {"minReadySeconds", 4}}}});
  is_live(live);
  Json& there = live_.members.begin()->second;
  there["metadata"]["managedFields"].push_back({{"manager", "autoscaler"},
                                                {"operation", "Update"},
                                                {"subresource", "scale"},
                                                {"fieldsV1", {{"f:spec", {{"f:replicas", Json::object()}}}}}});
  SetPlan planned = plan();
  EXPECT_THAT(planned.obstacles, IsEmpty());
  ASSERT_THAT(planned.notes, SizeIs(1));
  EXPECT_THAT(
      planned.notes[0],
      HasSubstr(
          "has 5 replicas, set by autoscaler and left to it; `--adopt deployment/web` sets 2, as in liminal.yml"));
  ASSERT_THAT(planned.changes[0].fields, SizeIs(1));
  EXPECT_EQ(planned.changes[0].fields[0].path, ".spec.minReadySeconds");
  EXPECT_TRUE(planned.changes[0].leaves_replicas);
  options_.adopt = {"deployment/web"};
  planned = plan();
  EXPECT_THAT(planned.notes, IsEmpty());
  EXPECT_THAT(planned.changes[0].fields, SizeIs(2));
  EXPECT_FALSE(planned.changes[0].leaves_replicas);
  // What is made anew has none to be left alone.
  options_.adopt.clear();
  options_.clean = true;
  EXPECT_FALSE(plan().changes[0].leaves_replicas);
}

// By `--adopt` there; on record here all the same.
TEST_F(Changes, WhatAnotherSystemTookOverIsNotOursAnyMore) {
  want(object("Secret", "key"));
  is_live(object("Secret", "key"));
  live_.strangers = std::exchange(live_.members, {});
  Json& metadata = live_.strangers.begin()->second["metadata"];
  metadata["labels"] = {{std::string(part_of_label), "applyset-of-another-v1"}};
  EXPECT_THAT(plan().obstacles, SizeIs(1));
  metadata["labels"] = Json::object();
  metadata["annotations"] = {{std::string(set_annotation), "default/other"}};
  ASSERT_THAT(plan().obstacles, SizeIs(1));
  EXPECT_THAT(plan().obstacles[0].message, HasSubstr("belongs to the deploy of default/other"));
}

TEST_F(Changes, WhatIsOnRecordAndHasLostItsLabelsIsRemoved) {
  is_live(object("ConfigMap", "a"));
  is_live(object("ConfigMap", "b"));
  live_.unlabelled = std::exchange(live_.members, {});
  live_.unlabelled.rbegin()->second["metadata"]["annotations"] = {{std::string(set_annotation), "default/other"}};
  const SetPlan planned = plan();
  ASSERT_THAT(planned.changes, SizeIs(1));
  EXPECT_EQ(planned.changes[0].action, Action::remove);
  EXPECT_EQ(planned.changes[0].reference.name, "a");
}

TEST_F(Changes, WhatIsNotOnRecordGoesWhenThatIsSaid) {
  is_live(object("ConfigMap", "a"), false);
  ASSERT_EQ(plan().count(Action::keep), 1U);
  EXPECT_EQ(plan().changes[0].note, "is not on the system's record; `--adopt configmap/a` lets it go");
  EXPECT_TRUE(plan().unrecorded);
  options_.adopt = {"configmap/a"};
  EXPECT_EQ(plan().count(Action::remove), 1U);
}

// Of `kubectl scale --replicas=0` the server keeps no owner.
TEST_F(Changes, AScaleToZeroIsLeft) {
  want(object("Deployment", "web", {{"spec", {{"replicas", 2}}}}));
  is_live(object("Deployment", "web", {{"spec", {{"replicas", 0}}}}));
  const SetPlan planned = plan();
  EXPECT_EQ(planned.count(Action::unchanged), 1U);
  ASSERT_THAT(planned.notes, SizeIs(1));
  EXPECT_THAT(planned.notes[0], HasSubstr("has 0 replicas, set by another and left to it"));
  live_.members.begin()->second["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]["f:replicas"] = Json::object();
  EXPECT_EQ(plan().count(Action::update), 1U) << "ours, and another number now";
  live_.members.begin()->second["metadata"]["managedFields"][0]["fieldsV1"].erase("f:spec");
  live_.members.begin()->second["spec"]["replicas"] = 1;
  EXPECT_EQ(plan().count(Action::update), 1U) << "whoever set it has let it go";
}

TEST_F(Changes, AnotherRepositoryOfTheSameSystemIsAnObstacle) {
  live_.inventory.origin = "https://example.org/other.git";
  ASSERT_THAT(plan().obstacles, SizeIs(1));
  options_.adopt = {"system/shop"};
  EXPECT_THAT(plan().obstacles, IsEmpty());
}

TEST_F(Changes, RemovalsGoFromWhatRefersToWhatIsReferredTo) {
  is_live(object("Secret", "key"));
  is_live(object("Deployment", "web"));
  is_live(object("ConfigMap", "dag"));
  std::vector<std::string_view> kinds;
  for (const ObjectChange& change : plan().changes) kinds.push_back(change.reference.type->kind);
  EXPECT_THAT(kinds, ::testing::ElementsAre("Deployment", "ConfigMap", "Secret"));
}

TEST_F(Changes, CleanMakesAllButDataAnew) {
  options_.clean = true;
  want(object("ConfigMap", "a"));
  want(object("PersistentVolumeClaim", "data"));
  is_live(object("ConfigMap", "a"));
  is_live(object("PersistentVolumeClaim", "data"));
  const SetPlan planned = plan();
  EXPECT_EQ(planned.count(Action::replace), 1U);
  EXPECT_EQ(planned.count(Action::unchanged), 1U);
}

TEST(ApplySetIdentity, IsThatOfKubectl) {
  // From applyset.go's own rule: sha256 of NAME.NAMESPACE.KIND.GROUP, Base64 for addresses without padding.
  const DesiredSet set{"shop", "default", "", {}};
  EXPECT_EQ(set.parent_name(), "liminal-shop");
  EXPECT_EQ(set.id(), "applyset-oH_M2kKwPydGScn_B2qMWcM_a12cMnz0tEA8gQ5ixhY-v1");
}

}  // namespace
}  // namespace liminal::deploy
