#include "../../src/run/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace liminal::run {
namespace {

using ::testing::HasSubstr;

TEST(Quantity, IsReadAsKubernetesReadsIt) {
  EXPECT_EQ(quantity_in_thousandths("2"), 2000U);
  EXPECT_EQ(quantity_in_thousandths("0.5"), 500U);
  EXPECT_EQ(quantity_in_thousandths("250m"), 250U);
  EXPECT_EQ(quantity_in_thousandths("1e3"), 1'000'000U);
  EXPECT_EQ(quantity_in_thousandths("512Mi"), 512ULL * 1024 * 1024 * 1000);
  EXPECT_EQ(quantity_in_thousandths("1.5G"), 1'500'000'000'000U);
  EXPECT_EQ(quantity_in_thousandths("0.1m"), 1U);
}

TEST(Quantity, IsRefusedWhenItIsNone) {
  for (const char* text : {"", "Mi", "-1", "1 Gi", "1gi", "1GiB", "nan", "inf", "1e400", "100Ei", "0x10"}) {
    EXPECT_FALSE(quantity_in_thousandths(text)) << text;
  }
}

class LimitsTest : public ::testing::Test {
 protected:
  model::Executor executor(const std::string& part, const std::string& name, const std::string& quantity) {
    model::Value values;
    values.kind = document::Kind::mapping;
    values.set(name, model::Value::string(quantity));
    resources.kind = document::Kind::mapping;
    resources.set(part, std::move(values));
    model::Executor result;
    result.name = "big";
    result.arguments = {{"container_resources", &resources}};
    return result;
  }
  model::Value resources;
};

TEST_F(LimitsTest, ComeFromTheExecutorsResources) {
  const auto memory = limits_of(executor("limits", "memory", "64Mi"));
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->memory_bytes, 64U << 20U);
  EXPECT_EQ(memory->memory_text, "64Mi");
  EXPECT_EQ(limits_of(executor("limits", "cpu", "1.5"))->cpu_millis, 1500U);
}

TEST_F(LimitsTest, AreNoSmallerThanLinuxTakes) {
  EXPECT_EQ(limits_of(executor("limits", "memory", "1"))->memory_bytes, 6U << 20U);
  EXPECT_EQ(limits_of(executor("limits", "cpu", "1m"))->cpu_millis, 10U);
}

TEST_F(LimitsTest, AreNotThereWithoutResources) {
  EXPECT_FALSE(limits_of(model::Executor{})->any());
  const auto request = limits_of(executor("requests", "memory", "1Gi"));
  ASSERT_TRUE(request);
  EXPECT_FALSE(request->any());
}

TEST_F(LimitsTest, ThatAreNoQuantityNameTheExecutor) {
  for (const char* part : {"limits", "requests"}) {
    const auto limits = limits_of(executor(part, "memory", "lots"));
    ASSERT_FALSE(limits);
    EXPECT_EQ(limits.error().kind, ErrorKind::usage);
    EXPECT_THAT(limits.error().message, HasSubstr("`lots`"));
    EXPECT_THAT(limits.error().message, HasSubstr("`big`"));
  }
}

}  // namespace
}  // namespace liminal::run
