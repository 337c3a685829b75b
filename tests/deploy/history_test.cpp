// The records of deploys, on a server that keeps what is applied.
#include "history.hpp"

#include <map>
#include <mutex>
#include <random>

#include <gmock/gmock.h>

#include "inventory.hpp"
#include "kube/cluster.hpp"

namespace liminal::deploy {
namespace {

using ::testing::ElementsAre;

// ConfigMaps and secrets by name; selects by name and by the label of a record's number.
class Kept {
 public:
  void answer(testing::Exchange& exchange) {
    const std::scoped_lock lock(mutex_);
    const testing::HeaderList headers{{"Content-Type", "application/json"}};
    const std::string& target = exchange.request.target;
    const std::string path = target.substr(0, target.find('?'));
    const std::string name = path.substr(path.rfind('/') + 1);
    const std::string& method = exchange.request.method;
    if (method == "PATCH" && name == refused_) return testing::refuse(exchange, 403, "Forbidden");
    if (method == "PATCH") kept_[name] = Json::parse(exchange.body());
    if (method == "POST") {
      const Json made = Json::parse(exchange.body());
      kept_[made["metadata"]["name"]] = made;
    }
    if (method == "DELETE" && removes_) kept_.erase(name);
    Json answer = Json::object();
    if (path.find("/secrets/") != std::string::npos && !kept_.contains(name))
      return testing::refuse(exchange, 404, "NotFound", "no", R"({"kind":"secrets"})");
    if (method == "GET") answer = {{"metadata", Json::object()}, {"items", listed(target)}};
    exchange.reply(200, headers, answer.dump());
  }

  void refuse(const std::string& name) { refused_ = name; }
  void keep_what_is_deleted() { removes_ = false; }
  void put(const std::string& name, Json object) { kept_[name] = std::move(object); }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& [name, object] : kept_) result.push_back(name);
    return result;
  }

 private:
  [[nodiscard]] Json listed(const std::string& target) const {
    Json items = Json::array();
    for (const auto& [name, object] : kept_) {
      const std::string number = label_of(object, "liminal/revision");
      const bool of_history = target.find("liminal%2Fhistory") != std::string::npos && !number.empty();
      const bool of_number = target.find("liminal%2Frevision") == std::string::npos ||
                             target.find("liminal%2Frevision%3D" + number + "&") != std::string::npos;
      const bool named = target.find("fieldSelector=metadata.name%3D" + name + "&") != std::string::npos;
      if ((of_history && of_number) || named) items.push_back(object);
    }
    return items;
  }

  std::mutex mutex_;
  std::map<std::string, Json> kept_;
  std::string refused_;
  bool removes_ = true;
};

class History : public ::testing::Test {
 protected:
  [[nodiscard]] Json metadata(const std::string& name) const {
    return {{"name", name}, {"namespace", "ns"}, {"labels", {{std::string(part_of_label), set_.id()}}}};
  }

  [[nodiscard]] Revision revision(unsigned number, const std::string& content) const {
    Revision result;
    result.number = number;
    result.author.commit = "commit of " + std::to_string(number);
    result.objects = {
        {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", metadata("dag")}, {"data", {{"content", content}}}}};
    return result;
  }

  // Too much for one part.
  static std::string large() {
    std::string text;
    std::mt19937 random(1);
    while (text.size() < 1'500'000) text += "0123456789abcdef"[random() % 16];
    return text;
  }

  // A deploy that was killed when one of the two parts of its record was written, and another in its place.
  void write_over_what_a_killed_one_left() {
    on_cluster_.refuse("liminal-shop.3");
    ASSERT_FALSE(write_revision(client_, set_, revision(3, large())));
    on_cluster_.refuse("");
    ASSERT_THAT(on_cluster_.names(), ElementsAre("liminal-shop.3.1"));
    ASSERT_TRUE(write_revision(client_, set_, revision(3, "small")));
  }

  // Records up to that number, and what a deploy that is under way or was killed left.
  void deployed(unsigned last, std::optional<Pending> pending = {}) {
    for (unsigned number = 1; number <= last; ++number)
      ASSERT_TRUE(write_revision(client_, set_, revision(number, "of deploy " + std::to_string(number))));
    Inventory inventory;
    inventory.revision = last;
    inventory.pending = std::move(pending);
    ASSERT_TRUE(write_inventory(client_, set_, inventory));
  }

  Kept on_cluster_;
  testing::Cluster cluster_{[this](testing::Exchange& exchange) { on_cluster_.answer(exchange); }};
  kube::Client client_ = cluster_.client();
  const DesiredSet set_{"shop", "ns", "here", {}};
};

TEST_F(History, HasARecordOfPartsBack) {
  const std::string content = large();
  ASSERT_TRUE(write_revision(client_, set_, revision(3, content)));
  ASSERT_THAT(on_cluster_.names(), ElementsAre("liminal-shop.3", "liminal-shop.3.1"));
  const auto read = read_objects(client_, set_, 3);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->objects.at(0).object["data"]["content"], content);
}

TEST_F(History, DoesNotReadPartsThatAKilledDeployLeft) {
  on_cluster_.keep_what_is_deleted();
  write_over_what_a_killed_one_left();
  ASSERT_THAT(on_cluster_.names(), ElementsAre("liminal-shop.3", "liminal-shop.3.1"));
  const auto read = read_objects(client_, set_, 3);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->objects.at(0).object["data"]["content"], "small");
}

TEST_F(History, RemovesPartsThatAKilledDeployLeft) {
  write_over_what_a_killed_one_left();
  EXPECT_THAT(on_cluster_.names(), ElementsAre("liminal-shop.3"));
}

TEST_F(History, TheOneBeforeTheLastIsTheDefault) {
  deployed(3);
  const auto read = read_revision(client_, set_, 0);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->objects.at(0).object["data"]["content"], "of deploy 2");
  EXPECT_EQ(read_unfinished(client_, set_).value_or("failed"), "");
}

TEST_F(History, AfterADeployThatDidNotEndTheNewestRecordIsTheDefault) {
  deployed(3, Pending{"ada@desk", "2026-11-26T10:00:00Z", {}});
  const auto read = read_revision(client_, set_, 0);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->objects.at(0).object["data"]["content"], "of deploy 3");
  EXPECT_EQ(read_unfinished(client_, set_).value_or("failed"), "ada@desk at 2026-11-26T10:00:00Z");
}

TEST_F(History, ThereIsNothingBeforeAFirstDeployThatDidNotEnd) {
  deployed(0, Pending{"ada@desk", "2026-11-26T10:00:00Z", {}});
  const auto read = read_revision(client_, set_, 0);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "there is no deploy of ns/shop before the last");
}

TEST_F(History, TellsOfSecretsOnRecordThatAreGone) {
  Revision with = revision(1, "small");
  for (const char* name : {"keys", "token"}) {
    with.objects.push_back({{"apiVersion", "v1"},
                            {"kind", "Secret"},
                            {"metadata", metadata(name)},
                            {"data", {{"credentials", "c2VjcmV0"}}}});
  }
  ASSERT_TRUE(write_revision(client_, set_, with));
  on_cluster_.put("token", Json::object());
  const auto read = read_objects(client_, set_, 1);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->objects.size(), 1U);
  EXPECT_THAT(lost_secrets(client_, *read),
              ElementsAre("secret/keys in namespace ns is gone, and its value is not on record: `liminal create` makes "
                          "it from its file"));
}

TEST_F(History, PassesOverDeploysOfWhatRunsNow) {
  deployed(3);
  Revision back = revision(4, "of deploy 3");
  back.restores = 3;
  ASSERT_TRUE(write_revision(client_, set_, back));
  auto read = read_revision(client_, set_, 0);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->objects.at(0).object["data"]["content"], "of deploy 2");
  // One that brings another back is known by that one, and by its commit.
  read = read_revision(client_, set_, 4);
  ASSERT_TRUE(read && read->restored) << read.error().message;
  EXPECT_EQ(read->restored->revision, 3U);
}

TEST_F(History, BringsBackNothingThatNoDeployMakes) {
  const auto refuses = [&](const Json& planted) {
    Revision changed = revision(1, "small");
    changed.objects.push_back(planted);
    EXPECT_TRUE(write_revision(client_, set_, changed));
    const auto read = read_objects(client_, set_, 1);
    return !read && read.error().message.find("which no deploy of ns/shop makes") != std::string::npos;
  };
  EXPECT_TRUE(refuses({{"apiVersion", "rbac.authorization.k8s.io/v1"},
                       {"kind", "ClusterRoleBinding"},
                       {"metadata", metadata("planted")}}));
  EXPECT_TRUE(refuses({{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", metadata("planted")}}));
  Json elsewhere = metadata("planted");
  elsewhere["namespace"] = "victim";
  EXPECT_TRUE(refuses({{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", elsewhere}}));
  EXPECT_TRUE(refuses(
      {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "of-others"}, {"namespace", "ns"}}}}));
}

TEST_F(History, BringsBackAClaimInTheNamespaceThatItsVolumeNames) {
  Revision with = revision(1, "small");
  Json elsewhere = metadata("data-pvc");
  elsewhere["namespace"] = "storage";
  with.objects.push_back({{"apiVersion", "v1"}, {"kind", "PersistentVolumeClaim"}, {"metadata", elsewhere}});
  ASSERT_TRUE(write_revision(client_, set_, with));
  const auto read = read_objects(client_, set_, 1);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->objects.size(), 2U);
}

TEST_F(History, TellsWhenAPartIsLost) {
  ASSERT_TRUE(write_revision(client_, set_, revision(3, large())));
  on_cluster_.put("liminal-shop.3.1", Json::object());
  const auto read = read_objects(client_, set_, 3);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "the record of deploy 3 has lost a part");
}

}  // namespace
}  // namespace liminal::deploy
