// Plans as files: what they hold, and what is refused as none.
#include "liminal/deploy/saved_plan.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "liminal/base/base64.hpp"
#include "liminal/base/sha256.hpp"

#include "changes.hpp"
#include "desired.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::deploy {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* value = "canary-valu3";

class SavedPlanFile : public ::testing::Test {
 protected:
  SavedPlanFile() {
    write("key.txt", value);
    SetPlan set;
    set.set = {"shop", "default", "https://example.org/shop.git", {}};
    add(set, {{"apiVersion", "v1"}, {"kind", "Secret"}, {"metadata", metadata(set, "key")}});
    set.set.objects[0].value_file = folder_.path() / "key.txt";
    set.set.objects[0].object["data"] = {{"credentials", base64_encode(value)}};
    add(set, {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", metadata(set, "dag")}, {"data", {{"a", "1"}}}});
    set.changes[1].action = Action::update;
    set.changes[1].uid = "u";
    set.changes[1].seen = {{".data.a", "0", {{"kubectl", "Update", "then"}}}, {".data.b", nullptr, {}}};
    set.revision = 3;
    plan_ = {"prod", "https://server", "uid", "2026-01-01T00:00:00Z", "c0ffee", {}, {std::move(set)}, ""};
    plan_.options.delete_data = {"data"};
    plan_.options.adopt = {"configmap/dag"};
  }

  static Json metadata(const SetPlan& set, const char* name) {
    return {{"name", name}, {"namespace", "default"}, {"labels", {{std::string(part_of_label), set.set.id()}}}};
  }

  static void add(SetPlan& set, const Json& object) {
    set.set.objects.push_back(recorded_object(object));
    set.set.objects.back().place.file = "liminal.yml";
    ObjectChange change;
    change.action = Action::create;
    change.reference = set.set.objects.back().reference;
    change.desired = set.set.objects.size() - 1;
    set.changes.push_back(std::move(change));
  }

  void write(const fs::path& name, const std::string& text) { std::ofstream(folder_.path() / name) << text; }

  [[nodiscard]] std::string text() {
    const World world = world_.world();
    EXPECT_TRUE(write_saved_plan(world, plan_, folder_.path(), file()));
    return world.files.read(file()).value();
  }

  Result<SavedPlan> read(const std::string& text) {
    write("plan.json", text);
    return read_saved_plan(world_.world(), folder_.path(), file());
  }

  // The file, sound but for what `edit` makes of the plan in it.
  std::string edited(const std::function<void(Json&)>& edit) {
    Json json = Json::parse(text());
    edit(json["plan"]);
    const std::string body = json["plan"].dump();
    return R"({"liminalPlan":1,"sha256":")" + sha256_hex(body) + R"(","plan":)" + body + "}\n";
  }

  [[nodiscard]] fs::path file() const { return folder_.path() / "plan.json"; }

  testing::TemporaryFolder folder_;
  testing::TestWorld world_;
  SavedPlan plan_;
};

TEST_F(SavedPlanFile, ComesBackAsItWas) {
  const auto back = read(text());
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->context, "prod");
  EXPECT_EQ(back->cluster, "uid");
  EXPECT_EQ(back->options.delete_data, plan_.options.delete_data);
  EXPECT_EQ(back->options.adopt, plan_.options.adopt);
  ASSERT_THAT(back->sets, SizeIs(1));
  const SetPlan& set = back->sets[0];
  EXPECT_EQ(set.revision, 3U);
  EXPECT_EQ(set.set.objects[0].object, plan_.sets[0].set.objects[0].object) << "the secret's value is read again";
  EXPECT_EQ(set.set.objects[1].object, plan_.sets[0].set.objects[1].object);
  ASSERT_THAT(set.changes, SizeIs(2));
  EXPECT_EQ(set.changes[1].action, Action::update);
  ASSERT_THAT(set.changes[1].seen, SizeIs(2));
  EXPECT_EQ(set.changes[1].seen[0].owners, plan_.sets[0].changes[1].seen[0].owners);
  EXPECT_TRUE(set.changes[1].seen[1].value.is_null());
}

TEST_F(SavedPlanFile, IsForItsOwnerAloneAndHoldsNoSecret) {
  const std::string written = text();
  struct stat info = {};
  ASSERT_EQ(::stat(file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  for (const std::string& form : {std::string(value), base64_encode(value), sha256_hex(value)})
    EXPECT_THAT(written, Not(HasSubstr(form)));
  EXPECT_THAT(written, HasSubstr(R"("valueFile":"key.txt")"));
}

TEST_F(SavedPlanFile, ThatIsCutOffOrChangedIsRefusedAtEveryByte) {
  const std::string whole = text();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto back = read(whole.substr(0, size));
    ASSERT_FALSE(back) << size;
    ASSERT_EQ(back.error().kind, ErrorKind::usage);
    ASSERT_THAT(back.error().message, StartsWith(file().string()));
  }
  for (std::size_t at = 0; at < whole.size(); at += 3) {
    std::string other = whole;
    other[at] = other[at] == 'x' ? 'y' : 'x';
    ASSERT_FALSE(read(other)) << at;
  }
}

TEST_F(SavedPlanFile, AppliesNothingButWhatADeployMakes) {
  const std::vector<std::function<void(Json&)>> edits{
      [](Json& plan) { plan["sets"][0]["objects"][1]["object"]["kind"] = "Namespace"; },
      [](Json& plan) {
        plan["sets"][0]["objects"][1]["object"]["apiVersion"] = "rbac.authorization.k8s.io/v1";
        plan["sets"][0]["objects"][1]["object"]["kind"] = "ClusterRoleBinding";
      },
      [](Json& plan) { plan["sets"][0]["objects"][1]["object"]["metadata"].erase("labels"); },
      [](Json& plan) { plan["sets"][0]["objects"][1] = 7; },
      [](Json& plan) { plan["sets"][0]["changes"][0]["action"] = "explode"; },
      [](Json& plan) { plan["sets"][0]["changes"][0]["kind"] = "Unheard"; },
      [](Json& plan) { plan["sets"][0]["changes"][1]["seen"][0]["owners"] = "me"; },
      [](Json& plan) { plan["sets"][0]["revision"] = -1; },
      [](Json& plan) { plan["options"]["adopt"] = Json::array({1}); },
      [](Json& plan) { plan["cluster"] = ""; },
      [](Json& plan) { plan = Json::array(); },
  };
  for (std::size_t i = 0; i < edits.size(); ++i) {
    const auto back = read(edited(edits[i]));
    ASSERT_FALSE(back) << i;
    EXPECT_EQ(back.error().kind, ErrorKind::usage);
    EXPECT_THAT(back.error().message, HasSubstr("is no plan that this program wrote")) << i;
  }
}

TEST_F(SavedPlanFile, ReadsNoSecretFromOutsideOfTheCheckout) {
  for (const char* path : {"../outside", "link"}) {
    fs::create_symlink("/etc/hostname", folder_.path() / "link");
    const auto back = read(edited([&](Json& plan) { plan["sets"][0]["objects"][0]["valueFile"] = path; }));
    ASSERT_FALSE(back);
    EXPECT_THAT(back.error().message, HasSubstr("leads out of"));
    fs::remove(folder_.path() / "link");
  }
}

TEST_F(SavedPlanFile, NestedWithoutEndIsSurvived) {
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  const std::string text = R"({"liminalPlan":1,"sha256":")" + sha256_hex(deep) + R"(","plan":)" + deep + "}\n";
  EXPECT_FALSE(read(text));
}

TEST_F(SavedPlanFile, OfAnotherVersionIsSaid) {
  const auto back = read(R"({"liminalPlan":12,"else":1})"
                         "\n");
  ASSERT_FALSE(back);
  EXPECT_THAT(back.error().message, HasSubstr("a plan of version 12, and this program reads version 1"));
}

}  // namespace
}  // namespace liminal::deploy
