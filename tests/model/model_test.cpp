// Waves of tasks, the commands of containers, and where a field stands.
#include "liminal/model/model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/document/document.hpp"

namespace liminal::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Task task(std::string name, std::vector<std::string> depends_on) {
  Task result;
  result.name = std::move(name);
  result.depends_on = std::move(depends_on);
  return result;
}

Pipeline pipeline(std::vector<Task> tasks) {
  Pipeline result;
  result.tasks = std::move(tasks);
  return result;
}

TEST(Waves, OfNoTasksAreNone) {
  EXPECT_THAT(waves({}), IsEmpty());
}

TEST(Waves, OfAChainHoldOneTaskEach) {
  EXPECT_THAT(waves(pipeline({task("a", {}), task("b", {"a"}), task("c", {"b"})})),
              ElementsAre(ElementsAre(0), ElementsAre(1), ElementsAre(2)));
}

TEST(Waves, HoldWhatCanRunTogetherInTheOrderOfTheFile) {
  EXPECT_THAT(waves(pipeline({task("end", {"b", "c"}), task("c", {"a"}), task("b", {"a"}), task("a", {})})),
              ElementsAre(ElementsAre(3), ElementsAre(1, 2), ElementsAre(0)));
}

TEST(Waves, LeaveOutACycleAndWhatWaitsForIt) {
  EXPECT_THAT(waves(pipeline({task("a", {}), task("b", {"c"}), task("c", {"b"}), task("d", {"c"}), task("e", {"e"})})),
              ElementsAre(ElementsAre(0)));
}

std::vector<std::string> texts_of(const ContainerCommand& command) {
  std::vector<std::string> texts;
  const auto words = command.words();
  for (const CommandWord& word : words) texts.push_back(word.text);
  return texts;
}

TEST(ContainerCommand, OfPythonGoesThroughTheContainersShell) {
  Task python;
  python.type = TaskType::python;
  python.command = "python -u train.py && echo done";
  EXPECT_THAT(texts_of(container_command(python)), ElementsAre("/bin/sh", "-c", "python -u train.py && echo done"));
}

TEST(ContainerCommand, OfSparkIsSparkSubmitWithItsOptionsInOrder) {
  Task spark;
  spark.type = TaskType::spark;
  spark.application_source = "job.py";
  spark.main_class = "org.Main";
  spark.master = "local[2]";
  spark.spark_conf = {{"spark.driver.memory", "1g"}, {"spark.app.name", "a b"}};
  spark.application_arguments = {"--in", "x"};
  EXPECT_THAT(texts_of(container_command(spark)),
              ElementsAre("spark-submit", "--master", "local[2]", "--class", "org.Main", "--conf",
                          "spark.driver.memory=1g", "--conf", "spark.app.name=a b", "job.py", "--in", "x"));
}

TEST(ContainerCommand, OfADeclaredTypeIsItsWords) {
  Task task;
  task.type = TaskType::python;
  task.words = {{"papermill", {}}, {"in.ipynb", {}}, {"out.ipynb", {}}};
  const ContainerCommand command = container_command(task);
  ASSERT_EQ(command.program.size(), 1U);
  EXPECT_EQ(command.program.front().text, "papermill");
  EXPECT_THAT(texts_of(command), ElementsAre("papermill", "in.ipynb", "out.ipynb"));
}

TEST(Find, GivesTheFirstOfAName) {
  System system;
  system.images.resize(3);
  system.images[1].name = system.images[2].name = "wine";
  EXPECT_EQ(system.find_image("wine"), &system.images[1]);
  EXPECT_EQ(system.find_image("beer"), nullptr);
}

TEST(Locate, FallsBackToTheObjectAndToNothing) {
  DiagnosticList findings;
  const auto document = document::parse("liminal.yml", "task: a\nimage: b\n", findings);
  const Value value = Value::of(*document->root());
  EXPECT_EQ(locate(&value, "image").location()->range.begin, (Position{2, 8}));
  EXPECT_EQ(locate(&value, "cmd").node, document->root());
  EXPECT_EQ(locate(nullptr, "cmd").node, nullptr);
}

}  // namespace
}  // namespace liminal::model
