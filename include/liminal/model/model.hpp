// The resolved configuration as the program's own types: what every later stage works on.
//
// Each object keeps `value`, the resolved YAML value it was made from, so that a finding about any field can point at
// the line it came from (`locate`). Values are owned by the System, which must outlive what points into it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "liminal/document/value.hpp"
#include "liminal/model/date.hpp"

namespace liminal::model {

using document::Value;

// The place of a field of an object, or of the object itself when the field is not there or came from no file.
[[nodiscard]] document::Origin locate(const Value* object, std::string_view field);
// The same of the field's key, for what is wrong with the field itself.
[[nodiscard]] document::Origin locate_key(const Value* object, std::string_view field);
// Where an item of an executor's `volume_mounts` is mounted, in either spelling; null where it does not say.
[[nodiscard]] const Value* mount_place(const Value& mount);

struct Volume {
  std::string name;                       // `volume`
  std::optional<std::string> local_path;  // as written; relative to the file's folder
  std::filesystem::path local_folder;     // the same, absolute; empty without local_path
  std::string claim_name;                 // default NAME-pvc
  // Ours, with Apache Liminal's fixed values as defaults.
  std::string capacity = "100Gi";
  std::string access_mode = "ReadWriteOnce";
  std::string storage_class = "local-storage";
  std::string namespace_name;  // empty: the target's
  std::string node;            // empty: any node
  const Value* value = nullptr;
};

struct Secret {
  std::string name;             // `secret`
  std::string local_path_file;  // default credentials-NAME.txt in the file's folder
  std::filesystem::path file;   // the same, absolute
  const Value* value = nullptr;
};

enum class ImageType { python, python_server, spark, other };

struct Endpoint {
  std::string path;  // `endpoint`, begins with /
  std::string module;
  std::string function;
  const Value* value = nullptr;
};

// Where an image that is built here has its source, and where its programs start.
inline constexpr std::string_view source_folder_in_image = "/app";

struct Image {
  std::string name;       // `image`: the name given to the build, maybe with registry and tag
  std::string type_name;  // `type`
  ImageType type = ImageType::other;
  std::optional<std::string> source;    // as written; absent: nothing is built
  std::filesystem::path source_folder;  // absolute; empty without source
  std::string python_version;           // as written; empty: the default
  std::optional<std::string> pip_conf;  // as written
  std::filesystem::path pip_conf_file;  // absolute
  bool no_cache = false;
  std::optional<std::string> base;  // ours: another base image than the type's
  std::vector<Endpoint> endpoints;
  const Value* value = nullptr;
};

enum class ExecutorType { kubernetes, emr, airflow, other };

struct Executor {
  std::string name;  // `executor`
  std::string type_name;
  ExecutorType type = ExecutorType::other;
  // Every key but `executor` and `type`: arguments of Airflow's KubernetesPodOperator for type kubernetes.
  std::vector<std::pair<std::string, const Value*>> arguments;
  const Value* value = nullptr;
};

enum class TaskType {
  python,
  spark,
  sql,
  create_cloudformation_stack,
  delete_cloudformation_stack,
  job_start,
  job_end,
  airflow_operator,  // of a declared type: an operator of Airflow's
  other
};

struct Mount {
  std::string name;    // `mount`, a label only
  std::string volume;  // name of a Volume
  std::string path;    // in the container
  std::string sub_path;
  bool read_only = false;
  const Value* value = nullptr;
};

struct SecretMount {
  std::string secret;       // name of a Secret
  std::string remote_path;  // where its folder is mounted
  std::string sub_path;
  bool read_only = true;
  const Value* value = nullptr;
};

// A variable of a container's environment; `value_origin` is where its value was written.
struct EnvironmentVariable {
  std::string name;
  std::string text;
  document::Origin value_origin;
};

// A word of a container's command; `origin` is where a finding about it points.
struct CommandWord {
  std::string text;
  document::Origin origin;
};

struct Task {
  std::string name;  // `task`
  std::string type_name;
  TaskType type = TaskType::other;
  std::string description;
  std::string executor;                          // name of an Executor
  std::string image;                             // name of an Image; empty when the type has none
  std::optional<std::string> command;            // `cmd`, for /bin/sh -c
  std::vector<EnvironmentVariable> environment;  // `env_vars`, in order
  std::vector<Mount> mounts;
  std::vector<SecretMount> secrets;
  std::vector<std::string> depends_on;  // resolved: names of tasks; without the key, the task before it
  bool depends_on_given = false;
  unsigned copies = 1;              // `executors`: how many run in parallel
  bool push_xcom = false;           // `do_xcom_push`
  std::optional<unsigned> retries;  // the task's own or its pipeline's
  std::optional<std::chrono::seconds> retry_delay;
  // Run-time variables: the task's map, or the root map it names.
  std::vector<std::pair<std::string, std::string>> variables;
  // spark
  std::string application_source;
  std::string main_class;
  std::string master;
  std::vector<std::pair<std::string, std::string>> spark_conf;  // dotted keys
  std::vector<std::string> application_arguments;
  // cloudformation
  std::string stack_name;
  const Value* properties = nullptr;
  // of a declared type: what its container runs, without a shell
  std::vector<CommandWord> words;
  // airflow_operator
  std::string operator_module;
  std::string operator_class;
  const Value* operator_arguments = nullptr;  // a map by the arguments' names
  const Value* value = nullptr;
};

struct Pipeline {
  std::string name;  // `pipeline`
  std::string owner;
  std::string description;
  std::optional<std::string> schedule;  // cron; absent: started by hand
  std::optional<Date> start_date;
  std::optional<std::chrono::sys_seconds> end_date;
  std::optional<std::chrono::minutes> timeout;
  bool depends_on_past = false;
  bool always_run = false;  // root `always_run`: a task runs whatever became of those before it
  std::optional<std::string> metrics_namespace;
  std::vector<std::string> metrics_backends;
  std::vector<Task> tasks;  // before, own and after tasks, in order; a task's dependencies are tasks of this list
  // Keys that Apache Liminal passes to Airflow as default_args: every key but tasks, schedule, schedule_interval,
  // monitoring.
  std::vector<std::pair<std::string, const Value*>> default_arguments;
  const Value* value = nullptr;

  [[nodiscard]] const Task* find_task(std::string_view name) const;
};

struct Service {
  std::string name;   // `service`
  std::string image;  // name of an Image
  std::string description;
  std::vector<Endpoint> endpoints;
  unsigned replicas = 1;
  std::uint16_t port = 80;
  std::vector<EnvironmentVariable> environment;
  std::vector<Mount> mounts;
  std::vector<SecretMount> secrets;
  const Value* value = nullptr;
};

// The names of the types that need no declaring.
inline constexpr auto built_in_tasks =
    std::to_array<std::string_view>({"python", "spark", "sql", "create_cloudformation_stack",
                                     "delete_cloudformation_stack", "job_start", "job_end", "pipeline"});
inline constexpr auto built_in_images = std::to_array<std::string_view>({"python", "python_server", "spark"});
inline constexpr auto built_in_executors = std::to_array<std::string_view>({"kubernetes", "emr", "airflow"});

// The names of the types that a system's liminal.types.yml files declare.
struct DeclaredNames {
  std::vector<std::string> tasks;
  std::vector<std::string> images;
  std::vector<std::string> executors;
};

// One sub file with everything above it merged in.
struct System {
  std::string name;
  std::string file;              // as shown in findings
  std::string path;              // of that file from the repository's root, with /
  std::filesystem::path folder;  // absolute; relative paths of the file start here
  std::string owner;
  std::vector<Volume> volumes;
  std::vector<Secret> secrets;
  std::vector<Image> images;
  std::vector<Executor> executors;
  std::vector<Pipeline> pipelines;
  std::vector<Service> services;
  std::shared_ptr<const Value> resolved;          // what `liminal resolve` prints
  std::shared_ptr<const DeclaredNames> declared;  // null: none
  // The files the values point into: this one, its layers above, and those that declare its types.
  std::vector<std::shared_ptr<const document::Document>> documents;

  [[nodiscard]] const Volume* find_volume(std::string_view name) const;
  [[nodiscard]] const Secret* find_secret(std::string_view name) const;
  [[nodiscard]] const Image* find_image(std::string_view name) const;
  [[nodiscard]] const Executor* find_executor(std::string_view name) const;
  [[nodiscard]] const Pipeline* find_pipeline(std::string_view name) const;
};

// Task types whose work is a container.
[[nodiscard]] bool runs_in_container(TaskType type);

// What a container task runs: /bin/sh -c CMD, spark-submit and its arguments, or the words of a declared type.
struct ContainerCommand {
  std::vector<CommandWord> program;  // in place of the image's entry point
  std::vector<CommandWord> arguments;

  [[nodiscard]] std::vector<CommandWord> words() const;  // all of them, the program first
};
[[nodiscard]] ContainerCommand container_command(const Task& task);

// Tasks grouped in waves: each wave holds the indices of the tasks whose dependencies are all in earlier waves, in the
// order of the file. Tasks on a cycle are in no wave (a rule reports them).
[[nodiscard]] std::vector<std::vector<std::size_t>> waves(const Pipeline& pipeline);

}  // namespace liminal::model
