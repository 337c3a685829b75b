// The schema lists for editors what Airflow's operators take; it has to be what is passed on.
#include "pipeline_keys.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "liminal/base/json.hpp"
#include "liminal/schema/schema.hpp"

#include "airflow_operators.hpp"

namespace liminal::engine {
namespace {

// A definition's properties; those that name another's are that.
Json properties_of(const char* definition) {
  const Json whole = Json::parse(schema::text());
  Json properties = whole.at("definitions").at(definition).at("properties");
  for (Json& property : properties) {
    if (const auto reference = property.find("$ref"); reference != property.end())
      property = whole.at(Json::json_pointer(reference->get<std::string>().substr(1)));
  }
  return properties;
}

class PipelineKeys : public ::testing::TestWithParam<const char*> {
 protected:
  Json properties_ = properties_of(GetParam());
};

TEST_P(PipelineKeys, OfTheSchemaHoldWhateverIsPassedOn) {
  for (const std::string_view key : airflow_operator("KubernetesPodOperator")->argument_names()) {
    const bool listed = properties_.contains(key) && !properties_.at(key).contains("deprecated");
    EXPECT_TRUE(listed || !every_operator_takes(key)) << key;
  }
}

TEST_P(PipelineKeys, OfTheSchemaAreReadOrPassedOnUnlessDeprecated) {
  const std::set<std::string, std::less<>> own{
      "pipeline",          "tasks",   "timeout_minutes", "start_date",   "schedule",
      "schedule_interval", "owner",   "depends_on_past", "description",  "metrics",
      "monitoring",        "retries", "retry_delay",     "before_tasks", "after_tasks"};
  for (const auto& [key, property] : properties_.items()) {
    const bool used = own.contains(key) || every_operator_takes(key);
    EXPECT_EQ(used, !property.contains("deprecated")) << key;
  }
}

INSTANTIATE_TEST_SUITE_P(Both, PipelineKeys, ::testing::Values("pipeline", "pipeline_defaults"));

}  // namespace
}  // namespace liminal::engine
