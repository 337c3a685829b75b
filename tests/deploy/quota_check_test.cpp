// What quotas leave, against what a deploy needs.
#include "quota_check.hpp"

#include <gmock/gmock.h>

namespace liminal::deploy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Quotas : public ::testing::Test {
 protected:
  Quotas() { plan_.set = {"shop", "team", "", {}}; }

  ObjectChange& changes(Action action, const Json& object) {
    DesiredObject desired;
    desired.object = object;
    desired.object["metadata"]["namespace"] = "team";
    desired.reference = kube::reference_of(desired.object);
    desired.place = {"liminal.yml", {{static_cast<std::uint32_t>(plan_.set.objects.size() + 1), 3}, {}}};
    plan_.set.objects.push_back(std::move(desired));
    ObjectChange change;
    change.action = action;
    change.reference = plan_.set.objects.back().reference;
    change.desired = plan_.set.objects.size() - 1;
    plan_.changes.push_back(std::move(change));
    return plan_.changes.back();
  }

  static Json claim(const char* size) {
    return {{"apiVersion", "v1"},
            {"kind", "PersistentVolumeClaim"},
            {"metadata", {{"name", "data"}}},
            {"spec", {{"storageClassName", "fast"}, {"resources", {{"requests", {{"storage", size}}}}}}}};
  }

  static Json deployment(int replicas) {
    const Json container = {{"resources", {{"requests", {{"cpu", "500m"}}}, {"limits", {{"memory", "1Gi"}}}}}};
    return {{"apiVersion", "apps/v1"},
            {"kind", "Deployment"},
            {"metadata", {{"name", "web"}}},
            {"spec", {{"replicas", replicas}, {"template", {{"spec", {{"containers", Json::array({container})}}}}}}}};
  }

  CheckedQuotas check(const Json& hard, const Json& used, const Json& spec = Json::object()) {
    return check_quotas({plan_}, {{{"metadata", {{"name", "small"}, {"namespace", "team"}}},
                                   {"spec", spec},
                                   {"status", {{"hard", hard}, {"used", used}}}}});
  }

  SetPlan plan_;
};

TEST_F(Quotas, StorageThatIsNotLeftIsAnErrorAtTheClaim) {
  changes(Action::create, claim("100Gi"));
  const auto found = check({{"requests.storage", "120Gi"}}, {{"requests.storage", "50Gi"}}).exceeded;
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].message,
            "resourcequota/small of namespace team leaves 70Gi of 120Gi requests.storage, and the deploy needs 100Gi: "
            "persistentvolumeclaim/data in namespace team");
  EXPECT_EQ(found[0].location.range.begin.line, 1U);
  EXPECT_THAT(check({{"requests.storage", "150Gi"}}, {{"requests.storage", "50Gi"}}).exceeded, IsEmpty());
  EXPECT_THAT(check({{"fast.storageclass.storage.k8s.io/requests.storage", "1Gi"}}, {}).exceeded, SizeIs(1));
  EXPECT_THAT(check({{"slow.storageclass.storage.k8s.io/requests.storage", "1Gi"}}, {}).exceeded, IsEmpty());
}

TEST_F(Quotas, ObjectsOfAKindAreCountedTogetherByEitherName) {
  for (const char* name : {"a", "b"})
    changes(Action::create, {{"apiVersion", "v1"}, {"kind", "Service"}, {"metadata", {{"name", name}}}});
  changes(Action::unchanged, {{"apiVersion", "v1"}, {"kind", "Service"}, {"metadata", {{"name", "c"}}}});
  for (const char* resource : {"services", "count/services"}) {
    EXPECT_THAT(check({{resource, 3}}, {{resource, 1}}).exceeded, IsEmpty());
    EXPECT_THAT(check({{resource, 3}}, {{resource, 2}}).exceeded, SizeIs(1));
  }
}

TEST_F(Quotas, TheRecordOfTheDeployCountsToo) {
  changes(Action::create, {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "dag"}}}});
  EXPECT_THAT(check({{"configmaps", 3}}, {}).exceeded, IsEmpty());
  const auto found = check({{"configmaps", 2}}, {}).exceeded;
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0].message, HasSubstr("configmap/liminal-shop.1"));
  // Later deploys have the set's own already.
  plan_.revision = 4;
  EXPECT_THAT(check({{"configmaps", 2}}, {}).exceeded, IsEmpty());
}

TEST_F(Quotas, PodsThatFindNoRoomNowAreANoteAndThoseThatNeverWillAnError) {
  changes(Action::create, deployment(3));
  const CheckedQuotas now = check({{"requests.cpu", 2}}, {{"requests.cpu", 1}});
  EXPECT_THAT(now.exceeded, IsEmpty());
  EXPECT_THAT(now.notes, ElementsAre(HasSubstr("leaves 1 of 2 requests.cpu, and the pods need 1500m: deployment/web")));
  EXPECT_THAT(check({{"requests.cpu", 1}}, {}).exceeded, SizeIs(1));
  EXPECT_THAT(check({{"limits.memory", "2Gi"}}, {}).exceeded, SizeIs(1));
  EXPECT_THAT(check({{"requests.memory", "2Gi"}}, {}).exceeded, SizeIs(1)) << "what is limited is requested";
  EXPECT_THAT(check({{"pods", 3}}, {}).exceeded, IsEmpty());
  EXPECT_THAT(check({{"pods", 2}}, {}).exceeded, SizeIs(1));
  EXPECT_THAT(check({{"limits.cpu", "1m"}}, {}).exceeded, IsEmpty()) << "none is asked for";
}

TEST_F(Quotas, ADeploymentThatChangesNeedsOnePodMore) {
  ObjectChange& change = changes(Action::update, deployment(3));
  change.fields = {{kube::FieldChange::Kind::change, ".spec.template.spec.x", 1, 2, {}}};
  EXPECT_THAT(check({{"pods", 4}}, {{"pods", 3}}).notes, IsEmpty());
  EXPECT_THAT(check({{"pods", 3}}, {{"pods", 3}}).notes, SizeIs(1));
  change.fields = {{kube::FieldChange::Kind::change, ".spec.minReadySeconds", 1, 2, {}}};
  EXPECT_THAT(check({{"pods", 3}}, {{"pods", 3}}).notes, IsEmpty());
}

TEST_F(Quotas, OfScopesAndOtherNamespacesNothingIsSaid) {
  changes(Action::create, deployment(3));
  EXPECT_THAT(check({{"pods", 1}}, {}, {{"scopes", Json::array({"BestEffort"})}}).exceeded, IsEmpty());
  plan_.set.objects[0].reference.namespace_name = "other";
  EXPECT_THAT(check({{"pods", 1}}, {}).exceeded, IsEmpty());
}

}  // namespace
}  // namespace liminal::deploy
