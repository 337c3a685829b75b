// How what was deployed fares: what the cluster is asked for it.
#include "liminal/deploy/status.hpp"

#include <mutex>

#include <gtest/gtest.h>

#include "history.hpp"
#include "inventory.hpp"
#include "kube/cluster.hpp"

namespace liminal::deploy {
namespace {

// Keeps what is applied, tells it to whoever lists records, and has the set's own record and nothing else.
class Records {
 public:
  void answer(testing::Exchange& exchange) {
    const std::scoped_lock lock(mutex_);
    const std::string& target = exchange.request.target;
    const testing::HeaderList headers{{"Content-Type", "application/json"}};
    if (exchange.request.method == "PATCH") {
      kept_.push_back(Json::parse(exchange.body()));
      exchange.reply(200, headers, kept_.back().dump());
    } else if (exchange.request.method == "POST") {
      own_.push_back(Json::parse(exchange.body()));
      own_.back()["metadata"]["resourceVersion"] = "1";
      exchange.reply(201, headers, own_.back().dump());
    } else if (target.find('?') == std::string::npos) {
      testing::refuse(exchange, 404, "NotFound");
    } else {
      const bool of_history = target.find("liminal%2Fhistory") != std::string::npos;
      const bool of_maps = target.find("/configmaps") != std::string::npos;
      const Json items = of_history ? kept_ : of_maps ? own_ : Json::array();
      exchange.reply(200, headers, Json{{"metadata", Json::object()}, {"items", items}}.dump());
    }
  }

 private:
  std::mutex mutex_;
  Json kept_ = Json::array();
  Json own_ = Json::array();
};

TEST(Status, ReadsTheHistoryOnce) {
  Records records;
  testing::Cluster cluster([&](testing::Exchange& exchange) { records.answer(exchange); });
  kube::Client client = cluster.client();
  const DesiredSet set{"shop", "ns", "here", {}};
  Revision revision;
  revision.number = 3;
  revision.what = "1 created";
  revision.objects = {
      {{"apiVersion", "v1"},
       {"kind", "ConfigMap"},
       {"metadata", {{"name", "dag"}, {"namespace", "ns"}, {"labels", {{std::string(part_of_label), set.id()}}}}}}};
  ASSERT_TRUE(write_revision(client, set, revision));
  Inventory inventory;
  inventory.revision = 3;
  ASSERT_TRUE(write_inventory(client, set, inventory));
  const std::size_t before = cluster.server.requests().size();
  const auto status = read_status(client, {set});
  ASSERT_TRUE(status) << status.error().message;
  ASSERT_TRUE(status->front().last);
  EXPECT_EQ(status->front().last->number, 3U);
  // The object of the record is gone from the cluster.
  EXPECT_EQ(status->front().drift.count(Action::create), 1U);
  std::size_t histories = 0;
  const auto requests = cluster.server.requests();
  for (std::size_t i = before; i < requests.size(); ++i) {
    const std::string& target = requests[i].target;
    if (target.find("liminal%2Fhistory") != std::string::npos && target.find("liminal%2Frevision") == std::string::npos)
      ++histories;
  }
  EXPECT_EQ(histories, 1U);
}

}  // namespace
}  // namespace liminal::deploy
