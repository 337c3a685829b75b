// Slips of keys and of places in a container, and what is said to be done about them.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/as_nobody.hpp"
#include "validate/validated.hpp"

namespace liminal {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> found(const std::string& keys) {
  return testing::findings_of_task("type: python\n        image: busybox:1\n        cmd: echo\n        " + keys);
}

TEST(Slips, OfAKeyThatIsThereTooNamesIt) {
  EXPECT_THAT(found("retries: 1\n        retrys: 2"),
              ElementsAre(HasSubstr("unknown-key liminal.yml:12:9 `retrys` is not a key of a task of type `python`; "
                                    "remove it, or put its value at `retries`, which is there too")));
  EXPECT_THAT(found("retrys: 2"), ElementsAre(HasSubstr("did you mean `retries`?")));
}

TEST(Slips, OfKeysThatNothingReadsAreTold) {
  testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\npipeline_defaults: {tags: [a], pool: small}\npipelines:\n  - pipeline: daily\n"
               "    start_date: 2026-01-01\n    timeout_minutes: 30\n    catchup: true\n    node_selector: {a: b}\n"
               "    execution_timeuot: 5\n    tasks: [{task: a, type: python, image: 'busybox:1', cmd: echo}]\n"
               "images: [{image: web, type: python_server, source: .}]\n"
               "services: [{service: web, image: web, command: echo}]\n");
  EXPECT_THAT(
      testing::findings_in(folder),
      ElementsAre(HasSubstr("warning ignored-key liminal.yml:2:21 `tags` has no effect; every pipeline has"),
                  HasSubstr("warning ignored-key liminal.yml:7:5 `catchup` has no effect; catch-up is"),
                  HasSubstr("warning ignored-key liminal.yml:8:5 `node_selector` has no effect; nothing reads"),
                  HasSubstr("warning unknown-key liminal.yml:9:5 `execution_timeuot` is not a key of a pipeline; "
                            "did you mean `execution_timeout`?"),
                  HasSubstr("missing-endpoint"),
                  HasSubstr("warning ignored-key liminal.yml:12:39 `command` has no effect; nothing reads")));
}

TEST(Slips, OfTwoSchedulesAreToldWhereTheyDifferAlone) {
  const auto found_with = [](const std::string& defaults, const std::string& own) {
    testing::TemporaryFolder folder;
    folder.write("liminal.yml", "name: shop\npipeline_defaults: {" + defaults +
                                    "}\npipelines:\n  - pipeline: daily\n    " + own +
                                    "\n    start_date: 2026-01-01\n    timeout_minutes: 30\n"
                                    "    tasks: [{task: a, type: python, image: 'busybox:1', cmd: echo}]\n");
    return testing::findings_in(folder);
  };
  EXPECT_THAT(found_with("schedule: '@daily'", "schedule_interval: '@daily'"), IsEmpty());
  EXPECT_THAT(found_with("schedule: '@daily'", "schedule_interval:"), IsEmpty());
  EXPECT_THAT(found_with("schedule: '@daily'", "schedule_interval: '@hourly'"),
              ElementsAre(HasSubstr("two-schedules liminal.yml:5:24")));
}

TEST(Slips, OfATasksVariablesNameTheNearest) {
  EXPECT_THAT(found("variables: nightly"), ElementsAre(HasSubstr("unknown-variables liminal.yml:11:20")));
  EXPECT_THAT(found("variables: {a: 3}"), IsEmpty());
}

// A setting that a placeholder stands for would otherwise be dropped in silence where it turns out wrong.
TEST(Slips, OfWhatAPlaceholderBecomesAreTold) {
  const auto retries = [](const std::string& value) {
    testing::TemporaryFolder folder;
    folder.write("liminal.yml",
                 "name: shop\nvariables: {" + value +
                     "}\npipelines:\n  - pipeline: daily\n    start_date: 2026-01-01\n    timeout_minutes: 30\n"
                     "    tasks:\n      - task: a\n        type: python\n        image: busybox:1\n        cmd: echo\n"
                     "        retries: '{{ n }}'\n");
    return testing::findings_in(folder);
  };
  for (const char* value : {"n: 3", "n: '3'", "n: 0"}) EXPECT_THAT(retries(value), IsEmpty()) << value;
  for (const char* value : {"n: abc", "n: 100000", "n: 1.5", "n: ''", "n: ' 3x'"})
    EXPECT_THAT(retries(value), ElementsAre(HasSubstr("schema-value liminal.yml:12:18 `retries` cannot be what this "
                                                      "placeholder becomes")))
        << value;
  EXPECT_THAT(retries("m: 1"), ElementsAre(HasSubstr("`retries` is a placeholder that nothing gives a value")));
}

TEST(Slips, OfWhatAPlaceholderBecomesAreToldWhereWordsAndBooleansStand) {
  testing::TemporaryFolder folder;
  folder.write(
      "liminal.yml",
      "name: shop\nvariables: {ro: yess, mode: ReadWriteTwice}\nvolumes:\n  - volume: v\n    local: {path: data}\n"
      "    access_mode: '{{ mode }}'\npipelines:\n  - pipeline: daily\n    start_date: 2026-01-01\n"
      "    timeout_minutes: 30\n    tasks:\n      - task: a\n        type: python\n        image: busybox:1\n"
      "        cmd: echo\n        mounts: [{mount: m, volume: v, path: /v, read_only: '{{ ro }}'}]\n");
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(HasSubstr("`access_mode` cannot be what this placeholder becomes"),
                          HasSubstr("`read_only` cannot be what this placeholder becomes")));
}

TEST(Slips, OfAMountHideNothingThatTheContainerNeeds) {
  testing::TemporaryFolder folder;
  const auto mounted_at = [&](const std::string& path) {
    folder.write(
        "liminal.yml",
        "name: shop\nvolumes: [{volume: data}]\npipelines:\n  - pipeline: daily\n    start_date: 2026-01-01\n"
        "    timeout_minutes: 30\n    tasks:\n      - task: a\n        type: python\n        image: busybox:1\n"
        "        cmd: echo\n        mounts: [{mount: data, volume: data, path: " +
            path + "}]\n");
    return testing::findings_in(folder);
  };
  for (const char* path : {"/", "//", "/./", "/dev", "/dev/", "/proc", "/proc/self", "/sys/", "/mnt/../proc"})
    EXPECT_THAT(mounted_at(path), ::testing::Contains(HasSubstr("hides"))) << path;
  EXPECT_THAT(mounted_at("/dev/"), ElementsAre(HasSubstr("mount-path liminal.yml:12:52 a mount of task `a` at `/dev/` "
                                                         "hides the container's devices; mount it at")));
  EXPECT_THAT(mounted_at("/app"), ElementsAre(::testing::StartsWith("warning mount-path")));
  for (const char* path : {"/app/data", "/dev/shm", "/sys/fs", "/proc2", "/mnt"})
    EXPECT_THAT(mounted_at(path), IsEmpty()) << path;
}

// A file of one volume, one secret and one task with these `mounts` and `secrets`, which are lines 13 and 14.
std::vector<std::string> mounted(const std::string& mounts, const std::string& secrets = "") {
  const testing::TemporaryFolder folder;
  folder.write("token.txt", "hidden");
  folder.write("liminal.yml",
               "name: shop\nvolumes: [{volume: v}]\nsecrets: [{secret: s, local_path_file: token.txt}]\npipelines:\n"
               "  - pipeline: daily\n    start_date: 2026-01-01\n    timeout_minutes: 30\n    tasks:\n"
               "      - task: t\n        type: python\n        image: busybox:1\n        cmd: echo\n        mounts: [" +
                   mounts + "]\n        secrets: [" + secrets + "]\n");
  return testing::findings_in(folder);
}

TEST(Slips, OfPathsInAContainerThatKubernetesRefuses) {
  EXPECT_THAT(mounted("{volume: v, path: rel}"),
              ElementsAre("mount-path liminal.yml:13:36 `path` of a mount of task `t` is no whole path: `rel`; write "
                          "`/rel`"));
  EXPECT_THAT(mounted("{volume: v, path: '/a:b'}"), ElementsAre(HasSubstr("mount-path liminal.yml:13:36 `path` of a "
                                                                          "mount of task `t` holds a `:`")));
  for (const char* path : {"''", "'  '"})
    EXPECT_THAT(mounted(std::string("{volume: v, path: ") + path + "}"),
                ElementsAre(HasSubstr("mount-path liminal.yml:13:36 a mount of task `t` has an empty `path`")));
  EXPECT_THAT(mounted("", "{secret: s, remote_path: rel}"),
              ElementsAre(HasSubstr("mount-path liminal.yml:14:44 `remote_path` of a mount of task `t` is no whole")));
  EXPECT_THAT(mounted("{volume: v, path: /a, sub_path: /x}"),
              ElementsAre(HasSubstr("mount-path liminal.yml:13:50 `sub_path` of a mount of task `t` begins with `/`")));
  EXPECT_THAT(mounted("{volume: v, path: /a, sub_path: a/../..}"), ElementsAre(HasSubstr("climbs by `..`")));
  // What is missing, or no text, is its schema's.
  EXPECT_THAT(mounted("{volume: v}"), ElementsAre(::testing::StartsWith("schema-required")));
  EXPECT_THAT(mounted("{volume: v, path: 5}"), ElementsAre(::testing::StartsWith("schema-type")));
  // Neither an engine nor a run here renders them.
  EXPECT_THAT(mounted("{volume: v, path: '/a/{{ ds }}'}"), ElementsAre(HasSubstr("mount-path liminal.yml:13:36")));
  EXPECT_THAT(
      mounted("{volume: v, path: /a, sub_path: 'x/{{ ds }}'}"),
      ElementsAre(HasSubstr("mount-path liminal.yml:13:50 `sub_path` of a mount of task `t` holds a template")));
  EXPECT_THAT(
      mounted("", "{secret: s, remote_path: '/r/{{ ds }}'}"),
      ElementsAre(HasSubstr("mount-path liminal.yml:14:44 `remote_path` of a mount of task `t` holds a templ")));
}

// What to pull is asked before a run could give a value.
TEST(Slips, OfPlaceholdersInAnImageAreTold) {
  const auto of_image = [](const std::string& image, const std::string& root = "") {
    testing::TemporaryFolder folder;
    folder.write("liminal.yml", "name: shop\n" + root +
                                    "pipelines:\n  - pipeline: daily\n    start_date: 2026-01-01\n"
                                    "    timeout_minutes: 30\n    tasks: [{task: a, type: python, cmd: echo, image: '" +
                                    image + "'}]\n");
    return testing::findings_in(folder);
  };
  EXPECT_THAT(of_image("a:{{ tag }}"), ElementsAre(HasSubstr("nothing gives `tag` a value; set it in the root's")));
  EXPECT_THAT(of_image("a:{{ tag }}", "variables: {tag: '1'}\n"), IsEmpty());
  EXPECT_THAT(of_image("a:{{ var.value.tag }}"), IsEmpty());
}

TEST(Slips, OfEndpointsThatNobodyReachesAreTold) {
  testing::TemporaryFolder folder;
  folder.write("src/m.py", "def f(body):\n    return body\n\n\ndef g(body):\n    return body\n");
  folder.write("liminal.yml",
               "name: shop\nimages: [{image: srv, type: python_server, source: src}]\nservices:\n"
               "  - {service: x, image: srv, endpoints: [{endpoint: /x, module: m, function: f}]}\n"
               "  - {service: y, image: srv, endpoints: [{endpoint: /x, module: m, function: f}]}\n"
               "  - {service: z, image: srv, endpoints: [{endpoint: /z, module: m, function: g}]}\n"
               "  - {service: n, image: 'nginx:1.27', endpoints: [{endpoint: /n, module: m, function: g}]}\n");
  EXPECT_THAT(
      testing::findings_in(folder),
      ElementsAre(
          HasSubstr("warning bad-endpoint liminal.yml:6:41 the endpoints of service `z` have no effect: image `srv`"),
          HasSubstr("warning bad-endpoint liminal.yml:7:50 the endpoints of service `n` have no effect: its image")));
  folder.write("liminal.yml",
               "name: shop\nimages:\n  - image: srv\n    type: python_server\n    source: src\n    endpoints:\n"
               "      - {endpoint: p, module: m, function: f}\n      - {endpoint: /p, module: m, function: f}\n"
               "      - {endpoint: /p, module: m, function: g}\n");
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(HasSubstr("bad-endpoint liminal.yml:7:20 the endpoint `p` is never asked for"),
                          HasSubstr("bad-endpoint liminal.yml:9:20 there is another endpoint `/p`")));
}

TEST(Slips, OfScalarsThatBecomeOtherTextsAreToldInNamesAndVariables) {
  testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\nvariables: {version: 3.10, mode: 0755, on_top: true, m: {t: 12:30}}\npipelines:\n"
               "  - pipeline: 1:30\n    start_date: 2026-01-01\n    timeout_minutes: 30\n"
               "    tasks: [{task: 010, type: python, cmd: echo, image: 'busybox:1'}]\n");
  EXPECT_THAT(testing::findings_in(folder), ElementsAre(HasSubstr("warning ambiguous-scalar liminal.yml:2:22"),
                                                        HasSubstr("warning ambiguous-scalar liminal.yml:2:34"),
                                                        HasSubstr("warning ambiguous-scalar liminal.yml:2:61"),
                                                        HasSubstr("warning ambiguous-scalar liminal.yml:4:15"),
                                                        HasSubstr("warning ambiguous-scalar liminal.yml:7:20")));
}

TEST(Slips, OfSparkOnEmrNeedNoImage) {
  testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\nexecutors: [{executor: e, type: emr, cluster_id: j-1}]\npipelines:\n  - pipeline: daily\n"
               "    start_date: 2026-01-01\n    timeout_minutes: 30\n"
               "    tasks: [{task: a, type: spark, executor: e, application_source: 's3://b/a.py'}]\n");
  EXPECT_THAT(testing::findings_in(folder), IsEmpty());
}

TEST(Slips, OfKeysGoByTheTypeThatAPlaceholderBecomes) {
  testing::TemporaryFolder folder;
  const auto with = [&](const std::string& key) {
    folder.write("liminal.yml",
                 "name: shop\nvariables: {ty: python}\npipelines:\n  - pipeline: daily\n    start_date: 2026-01-01\n"
                 "    timeout_minutes: 30\n    tasks:\n"
                 "      - {task: a, type: '{{ ty }}', image: 'busybox:1', cmd: echo, " +
                     key + ": 2}\n");
    return testing::findings_in(folder);
  };
  EXPECT_THAT(with("executors"), IsEmpty());
  EXPECT_THAT(with("executers"), ElementsAre(HasSubstr("is not a key of a task of type `python`; did you mean")));
}

TEST(Slips, OfALayerNameTheHeirThatHasThem) {
  testing::TemporaryFolder folder;
  folder.write("top/liminal.yml",
               "name: top\ntype: super\ntask_defaults: {python: {mounts: [{volume: v1, path: /v1}]}}\n");
  folder.write("x/liminal.yml",
               "name: x\nsuper: top\npipelines:\n  - pipeline: px\n    start_date: 2026-01-01\n"
               "    timeout_minutes: 30\n    tasks: [{task: a, type: python, cmd: echo, image: 'busybox:1'}]\n");
  testing::TestWorld test;
  const World world = test.world();
  const auto files = config::discover(world, folder.path(), {folder.path()});
  const auto found = validate::validate(world, files.value(), {}).value().findings;
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].location.file, "top/liminal.yml");
  ASSERT_EQ(found[0].related.size(), 1U);
  EXPECT_EQ(found[0].related[0].location.file, "x/liminal.yml");
}

TEST(Slips, OfTwoMountsAtOnePlace) {
  EXPECT_THAT(mounted("{volume: v, path: /a}, {volume: v, path: /a/, sub_path: x}"),
              ElementsAre(HasSubstr("mount-path liminal.yml:13:59 a mount of task `t` is at `/a/`, where another is "
                                    "already; give each a place of its own")));
  EXPECT_THAT(mounted("{volume: v, path: /a}", "{secret: s, remote_path: //a}"),
              ElementsAre(HasSubstr("mount-path liminal.yml:14:44")));
  EXPECT_THAT(mounted("{volume: v, path: /a}, {volume: v, path: /a/b}"), IsEmpty());
}

TEST(Slips, OfAMountThatHidesThePrograms) {
  for (const char* path : {"/usr", "/bin/", "/lib", "/lib64", "/usr/bin", "/usr/lib"})
    EXPECT_THAT(mounted(std::string("{volume: v, path: ") + path + "}"),
                ElementsAre(AllOf(::testing::StartsWith("mount-path"), HasSubstr("hides the image's programs"))))
        << path;
  for (const char* path : {"/etc", "/sbin", "/usr/local", "/usr/sbin"})
    EXPECT_THAT(mounted(std::string("{volume: v, path: ") + path + "}"),
                ElementsAre(AllOf(::testing::StartsWith("warning mount-path"), HasSubstr("hides"))))
        << path;
  for (const char* path : {"/usr/share/data", "/etc/shop", "/usr/local/data", "/library"})
    EXPECT_THAT(mounted(std::string("{volume: v, path: ") + path + "}"), IsEmpty()) << path;
}

TEST(Slips, OfTextsThatAreEmpty) {
  for (const char* text : {"''", "'  '", "\"\\n\""}) {
    EXPECT_THAT(testing::findings_of_task(std::string("type: python\n        image: ") + text + "\n        cmd: echo"),
                ElementsAre("missing-key liminal.yml:9:16 task `a` has an empty `image`; write `image: NAME`"));
    EXPECT_THAT(
        testing::findings_of_task(std::string("type: python\n        image: busybox:1\n        cmd: ") + text),
        ElementsAre(HasSubstr("missing-key liminal.yml:10:14 task `a` has an empty `cmd`; write `cmd: python")));
  }
  EXPECT_THAT(testing::findings_of_task("type: python\n        image: busybox:1\n        cmd: '{{ params.x }}'"),
              IsEmpty());
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml", "name: shop\nvariables: {i: ''}\nservices: [{service: web, image: '{{ i }}'}]\n");
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(HasSubstr("missing-key liminal.yml:3:34 service `web` has an empty `image`")));
}

// The findings of an executor of these keys, which begin at line 5.
std::vector<std::string> of_executor(const std::string& keys) {
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml", "name: shop\nexecutors:\n  - executor: k\n    type: kubernetes\n    " + keys + "\n");
  return testing::findings_in(folder);
}

TEST(Slips, OfAnExecutorsValues) {
  EXPECT_THAT(of_executor("on_finish_action: delete_pods"),
              ElementsAre("bad-argument liminal.yml:5:23 `on_finish_action` cannot be `delete_pods`; did you mean "
                          "`delete_pod`?"));
  EXPECT_THAT(of_executor("on_finish_action: nope"),
              ElementsAre(HasSubstr("write one of `delete_pod`, `delete_succeeded_pod`, `delete_active_pod` and "
                                    "`keep_pod`")));
  EXPECT_THAT(of_executor("startup_timeout_seconds: -1"),
              ElementsAre("bad-argument liminal.yml:5:30 `startup_timeout_seconds` cannot be `-1`; the least is 1"));
  EXPECT_THAT(of_executor("weight_rule: nope"), ElementsAre(HasSubstr("bad-argument liminal.yml:5:18")));
  for (const char* right : {"on_finish_action: keep_pod", "on_finish_action: '{{ later }}'", "weight_rule: upstream",
                            "weight_rule: ours.weights.Slow", "startup_timeout_seconds: 1"})
    EXPECT_THAT(of_executor(right), IsEmpty()) << right;
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\npipelines:\n  - {pipeline: a, start_date: 2026-01-01, timeout_minutes: 1, "
               "weight_rule: nope,\n     tasks: [{task: t, type: python, image: 'busybox:1', cmd: echo}]}\n");
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(HasSubstr("bad-argument liminal.yml:3:76 `weight_rule` cannot be `nope`; write one of")));
}

TEST(Slips, OfAnExecutorsNames) {
  EXPECT_THAT(of_executor("labels: {a b: c}"),
              ElementsAre(HasSubstr("bad-name liminal.yml:5:14 `a b` is not a name that a label can have")));
  EXPECT_THAT(of_executor("labels: {a: x y}"),
              ElementsAre(HasSubstr("bad-name liminal.yml:5:17 `x y` is not a value that a label can have")));
  EXPECT_THAT(of_executor("annotations: {a b: 1}"),
              ElementsAre(HasSubstr("bad-name liminal.yml:5:19 `a b` is not a name that an annotation can have")));
  EXPECT_THAT(of_executor("env_vars: {B C: 2}"),
              ElementsAre(HasSubstr("bad-name liminal.yml:5:16 `B C` is not a name that a variable")));
  EXPECT_THAT(of_executor("env_vars: [{name: B C, value: x}]"), ElementsAre(HasSubstr("bad-name liminal.yml:5:23")));
  EXPECT_THAT(of_executor("namespace: Bad NS"),
              ElementsAre(HasSubstr("bad-name liminal.yml:5:16 `Bad NS` is not a name that a namespace can have")));
  for (const char* right : {"labels: {example.com/team: a_b.C, empty: ''}", "labels: {run: '{{ run_id }}'}",
                            "annotations: {a: x y}", "env_vars: {B: 2}", "namespace: ml-1", "namespace: '{{ later }}'"})
    EXPECT_THAT(of_executor(right), IsEmpty()) << right;
}

TEST(Slips, OfAServicesName) {
  const auto named = [](const std::string& name) {
    const testing::TemporaryFolder folder;
    folder.write("liminal.yml", "name: shop\nservices: [{service: " + name + ", image: 'nginx:1'}]\n");
    return testing::findings_in(folder);
  };
  for (const char* name : {"9x", "_9x", "2-web"})
    EXPECT_THAT(named(name), ElementsAre(AllOf(HasSubstr("bad-name liminal.yml:2:22"), HasSubstr("begins with a "
                                                                                                 "digit"))))
        << name;
  EXPECT_THAT(named("''"), ElementsAre(HasSubstr("bad-name liminal.yml:2:22 a service has an empty name")));
  for (const char* name : {"web", "x9", "_x", "Web_2"}) EXPECT_THAT(named(name), IsEmpty()) << name;
}

TEST(Slips, OfAServiceWhoseImageHasNoServer) {
  const auto served = [](const std::string& image) {
    const testing::TemporaryFolder folder;
    folder.write("src/m.py", "def f(body):\n    return body\n");
    folder.write("liminal.yml", "name: shop\nimages: [{image: web, " + image +
                                    "}]\nservices:\n  - service: web\n    image: web\n    endpoints: "
                                    "[{endpoint: /, module: m, function: f}]\n");
    return testing::findings_in(folder);
  };
  for (const char* type : {"python", "spark"})
    EXPECT_THAT(
        served("type: " + std::string(type) + ", source: src"),
        ElementsAre(HasSubstr("image-cannot-serve liminal.yml:5:12 service `web` uses the image `web` of type")));
  EXPECT_THAT(served("type: python_server, source: src"), IsEmpty());
  EXPECT_THAT(served("type: python"), IsEmpty());  // not built here
}

TEST(Slips, OfAServerWithoutEndpointsAreAWarning) {
  const testing::TemporaryFolder folder;
  folder.write("src/m.py", "");
  folder.write("liminal.yml", "name: shop\nimages: [{image: web, type: python_server, source: src}]\n");
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(HasSubstr("warning missing-endpoint liminal.yml:2:29 image `web` has no `endpoints`")));
}

TEST(Slips, OfWhatIsTheExecutorsAreNoneOfAKeyThatLooksLikeIt) {
  const auto lines = found("resources: {limits: {cpu: 1}}");
  EXPECT_THAT(lines, ElementsAre(HasSubstr("unknown-key liminal.yml:11:9 `resources` is not a key of a task of type "
                                           "`python`; it is the executor's: put it there as `container_resources`")));
}

TEST(Slips, OfADependencyOnABuiltInTaskAreToldAtTheirLine) {
  const auto lines = found("depends_on: [end]");
  EXPECT_THAT(lines, ElementsAre(HasSubstr("dependency-cycle liminal.yml:11:21 the tasks `a` and `end`")));
}

TEST(Slips, OfOnePlaceAreToldOnce) {
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\npipelines: [{pipeline: a, start_date: 2026-01-01, timeout_minutes: 1, tasks: [null]}]\n");
  EXPECT_THAT(testing::findings_in(folder), ElementsAre(::testing::StartsWith("schema-type liminal.yml:2:79")));
  folder.write("liminal.yml", "name: [a]\npipelines: []\n");
  EXPECT_THAT(testing::findings_in(folder), ElementsAre(::testing::StartsWith("schema-type liminal.yml:1:7")));
}

TEST(Slips, OfDefaultsForATypeThatNoTaskHas) {
  const testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\ntask_defaults:\n  pythn: {executors: 2}\n  ours: {cmd: x}\n  sql: {}\npipelines: []\n");
  EXPECT_THAT(
      testing::findings_in(folder),
      ElementsAre(HasSubstr("unknown-type liminal.yml:3:3 `task_defaults` has defaults for tasks of type `pythn`, "
                            "which does not exist; did you mean `python`?"),
                  ::testing::StartsWith("warning unknown-type liminal.yml:4:3")));
}

TEST(Slips, OfResourcesAreToldAtTheAmount) {
  const testing::TemporaryFolder folder;
  folder.write(
      "liminal.yml",
      "name: shop\nimages: [{image: web, type: python_server, source: src, endpoints: [{endpoint: /, module: m, "
      "function: f}]}]\nservices:\n  - service: web\n    image: web\n    resources:\n      requests: {cpu: 2, "
      "memory: 1GB}\n      limits: {cpu: 1500m, memory: 1Gi}\n");
  folder.write("src/m.py", "def f(body):\n    return body\n");
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(HasSubstr("bad-quantity liminal.yml:7:23 2 of cpu are asked for, and 1500m is the most"),
                          HasSubstr("bad-quantity liminal.yml:7:34 `1GB` is not an amount of memory")));
}

TEST(Slips, OfAServicesResourcesHaveNoEngineToRenderThem) {
  const testing::TemporaryFolder folder;
  folder.write(
      "liminal.yml",
      "name: shop\nimages: [{image: web, type: python_server, source: src, endpoints: [{endpoint: /, module: m, "
      "function: f}]}]\nservices:\n  - service: web\n    image: web\n"
      "    resources: {limits: {cpu: '{{ cores }}'}}\n");
  folder.write("src/m.py", "def f(body):\n    return body\n");
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(HasSubstr("bad-quantity liminal.yml:6:31 `{{ cores }}` is not an amount of cpu; set the")));
}

TEST(Slips, OfANameTypeOrLayerAboveThatIsAPlaceholderAreTold) {
  for (const char* key : {"name", "type", "super"}) {
    const testing::TemporaryFolder folder;
    folder.write("liminal.yml", std::string(key == std::string("name") ? "" : "name: shop\n") + key +
                                    ": '{{ t }}'\nvariables: {t: super}\npipelines: []\n");
    EXPECT_THAT(testing::findings_in(folder),
                ::testing::Contains(HasSubstr("of a file cannot be a placeholder; write it out")))
        << key;
  }
}

TEST(Slips, OfASourceThatLeadsOutAreToldWhetherFilesAreLookedAtOrNot) {
  const testing::TemporaryFolder folder;
  const testing::TemporaryFolder elsewhere;
  std::filesystem::create_directories(folder.path() / ".git");
  std::filesystem::create_directory_symlink(elsewhere.path(), folder.path() / "link");
  validate::Options options;
  options.check_files = false;
  for (const std::string& source : {elsewhere.path().string(), std::string("../out"), std::string("link")}) {
    folder.write("liminal.yml",
                 "name: shop\nimages: [{image: i, type: python, source: " + source + "}]\npipelines: []\n");
    EXPECT_THAT(testing::findings_in(folder, options), ElementsAre(HasSubstr("leads out of the repository"))) << source;
  }
  folder.write("liminal.yml", "name: shop\nimages: [{image: i, type: python, source: absent}]\npipelines: []\n");
  EXPECT_THAT(testing::findings_in(folder, options), IsEmpty());
}

TEST(Slips, OfRightsToASourceAreToldThemselves) {
  namespace fs = std::filesystem;
  const testing::TemporaryFolder folder;
  fs::permissions(folder.path(), fs::perms{0755});
  folder.write("liminal.yml",
               "name: shop\nimages: [{image: i, type: python, source: src}]\npipelines:\n  - pipeline: daily\n"
               "    start_date: 2026-01-01\n    timeout_minutes: 30\n    tasks:\n"
               "      - {task: a, type: python, image: i, cmd: python a.py}\n");
  folder.write("src/a.py", "");
  fs::permissions(folder.path() / "src", fs::perms::none);
  {
    const testing::AsNobody nobody;
    EXPECT_THAT(testing::findings_in(folder, {}, "liminal.yml"),
                ElementsAre(AllOf(HasSubstr("missing-source liminal.yml:2:43"), HasSubstr("Permission denied"))));
  }
  fs::permissions(folder.path() / "src", fs::perms::owner_all);  // for who is not root, to remove it
}

TEST(Slips, OfVariablesThatAreNoSingleValuesAreTold) {
  EXPECT_THAT(found("variables: {a: [1]}"), ElementsAre(HasSubstr("schema-type liminal.yml:11:24")));
  EXPECT_THAT(found("variables: {'a b': 1}"), ElementsAre(HasSubstr("bad-name liminal.yml:11:21")));
  testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\nvariables: {night: {a: [1], b: 2}}\npipelines:\n"
               "  - {pipeline: daily, start_date: 2026-01-01, timeout_minutes: 30, tasks: [\n"
               "      {task: a, type: python, image: 'busybox:1', cmd: echo, variables: night}]}\n");
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(HasSubstr("unknown-variables liminal.yml:2:24 `a` of the "
                                    "variables `night`, which task `a` uses, is a list")));
}

TEST(Slips, OfSparkConfigurationAndStacksAreTold) {
  EXPECT_THAT(testing::findings_of_task("type: spark\n        image: 'spark:1'\n        application_source: a.py\n"
                                        "        conf: {a: [b], c: {d: 1}}"),
              ElementsAre(HasSubstr("schema-type liminal.yml:11:19")));
  EXPECT_THAT(testing::findings_of_task("type: delete_cloudformation_stack"),
              ElementsAre(HasSubstr("missing-key liminal.yml:7:9 task `a` has no `stack_name`")));
}

TEST(Slips, OfWhatIsEmptyAreTold) {
  EXPECT_THAT(
      found("env_vars: {A: }"),
      ElementsAre(HasSubstr("warning ambiguous-scalar liminal.yml:11:20 `A` has no value, and becomes the empty "
                            "text; write '' if that is meant")));
  EXPECT_THAT(found("env_vars: {A: ''}"), IsEmpty());
  testing::TemporaryFolder folder;
  folder.write("liminal.yml",
               "name: shop\npipelines:\n  - {pipeline: daily, start_date: 2026-01-01, timeout_minutes: 30}\n");
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(HasSubstr("warning missing-key liminal.yml:3:16 pipeline `daily` has no tasks")));
}

TEST(Slips, OfVolumesWithOneClaimAreTold) {
  testing::TemporaryFolder folder;
  const auto volumes = [&](const std::string& list) {
    folder.write("liminal.yml", "name: shop\nvolumes: [" + list + "]\n");
    return testing::findings_in(folder);
  };
  EXPECT_THAT(volumes("{volume: a, claim_name: c, local: {path: a}}, {volume: b, claim_name: c, local: {path: b}}"),
              ElementsAre(HasSubstr("duplicate-object liminal.yml:2:81 volumes `a` and `b` make one claim `c`")));
  EXPECT_THAT(volumes("{volume: a, claim_name: c}, {volume: b, claim_name: c}"), IsEmpty());
}

TEST(Slips, OfASecretsPartAreTold) {
  EXPECT_THAT(mounted("", "{secret: s, remote_path: /s, sub_path: token}"),
              ElementsAre(HasSubstr("warning mount-path liminal.yml:14:58")));
  EXPECT_THAT(mounted("", "{secret: s, remote_path: /s, sub_path: credentials}"), IsEmpty());
}

}  // namespace
}  // namespace liminal
