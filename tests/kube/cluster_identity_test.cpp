// One cluster is told from another by the UID of its kube-system.
#include "liminal/kube/cluster_identity.hpp"

#include <gmock/gmock.h>

#include "cluster.hpp"

namespace liminal::kube {
namespace {

using testing::Cluster;
using testing::Exchange;
using ::testing::HasSubstr;
using testing::refuse;
using testing::shown;

TEST(ClusterIdentity, IsTheUidOfKubeSystem) {
  Cluster cluster([](Exchange& e) { e.reply(200, {}, R"({"metadata":{"uid":"one"}})"); });
  Client client = cluster.client();
  EXPECT_EQ(cluster_uid(client).value(), "one");
  EXPECT_EQ(cluster.server.requests().back().target, "/api/v1/namespaces/kube-system");
  EXPECT_TRUE(check_cluster(client, "one", "--cluster-uid"));
}

TEST(ClusterIdentity, AnotherClusterIsToldWithBothUids) {
  Cluster cluster([](Exchange& e) { e.reply(200, {}, R"({"metadata":{"uid":"one"}})"); });
  Client client = cluster.client();
  const auto checked = check_cluster(client, "two", "--cluster-uid");
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::usage);
  EXPECT_THAT(checked.error().message, HasSubstr("context test"));
  EXPECT_THAT(checked.error().message, HasSubstr("its UID is one, and not two"));
  EXPECT_THAT(checked.error().advice, HasSubstr("kubectl --context NAME get namespace kube-system"));
}

TEST(ClusterIdentity, ThatCannotBeReadIsNoIdentity) {
  Cluster forbidding([](Exchange& e) { refuse(e, 403, "Forbidden", "cannot get resource"); });
  Cluster empty([](Exchange& e) { refuse(e, 404, "NotFound"); });
  Cluster nonsense([](Exchange& e) { e.reply(200, {}, R"({"metadata":{"uid":7}})"); });
  for (Cluster* cluster : {&forbidding, &empty, &nonsense}) {
    Client client = cluster->client();
    const auto checked = check_cluster(client, "one", "the plan");
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().kind, ErrorKind::unavailable) << shown(checked.error());
    EXPECT_THAT(checked.error().message, HasSubstr("the plan names a cluster")) << shown(checked.error());
    EXPECT_THAT(checked.error().advice, HasSubstr("its UID tells one cluster from another"));
  }
}

}  // namespace
}  // namespace liminal::kube
