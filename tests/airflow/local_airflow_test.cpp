// The local Airflow with a program of the test in Airflow's place: what is kept, found again and ended.
#include "liminal/airflow/local_airflow.hpp"

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "../../src/airflow/local_source.hpp"
#include "../../src/airflow/local_state.hpp"
#include "../../src/airflow/log_file.hpp"
#include "../../src/airflow/loopback_port.hpp"
#include "support/fault_server.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::airflow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LocalAirflowTest : public ::testing::Test {
 protected:
  LocalAirflowTest() {
    // Answers as Airflow 3 does, and ends as slowly as it likes.
    server_program = R"SH(#!/bin/sh
echo "liminal | the password is $(cat "$LIMINAL_AIRFLOW_PASSWORD_FILE")"
setsid sleep 300 &
exec python3 - <<'PYTHON'
import http.server, os
class Answer(http.server.BaseHTTPRequestHandler):
    def reply(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        known = self.path == "/api/v2/version"
        self.reply(200 if known else 404, b'{"version":"3.3.2"}' if known else b"{}")
    def do_POST(self):
        self.reply(201, b'{"access_token":"t"}')
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", int(os.environ["LIMINAL_AIRFLOW_PORT"])), Answer).serve_forever()
PYTHON
)SH";
  }
  ~LocalAirflowTest() override { static_cast<void>(local().stop()); }

  // A program `airflow` that python_of takes for one of Python's, whose Python is the script.
  void install(const std::string& program) {
    const auto python = folder.write("bin/python-of-the-test", program);
    const auto airflow = folder.write("bin/airflow", "#!" + python.string() + "\n");
    for (const auto& file : {python, airflow}) ::chmod(file.c_str(), 0755);
  }
  Local local() { return Local(world, folder.path() / "home"); }
  LocalPaths paths() const { return LocalPaths(folder.path() / "home"); }
  static std::string text_of(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  testing::TemporaryFolder folder;
  testing::TestWorld parts{{{"PATH", "/usr/bin:/bin"}, {"DOCKER_HOST", "unix:///nonexistent"}}};
  NativeProcessRunner processes{folder.path().string() + "/bin:/usr/bin:/bin"};
  SystemClock clock;
  std::unique_ptr<HttpClient> http = make_http_client("liminal-test", Environment());
  World world{parts.files, processes, *http, clock, parts.environment, parts.progress, parts.cancellation, 1};
  std::string server_program;
  std::vector<std::string> lines;
  OnLine keep = [this](std::string_view line) { lines.emplace_back(line); };
};

TEST_F(LocalAirflowTest, StartsOnceAndStopsWithAllItStarted) {
  install(server_program);
  auto started = local().start({}, keep);
  ASSERT_TRUE(started) << started.error().message << ::testing::PrintToString(started.error().excerpt);
  EXPECT_FALSE(started->already);
  EXPECT_EQ(started->airflow.version, "3.3.2");
  EXPECT_EQ(started->airflow.source, LocalSource::installed);
  struct stat info {};
  ASSERT_EQ(::stat(started->airflow.password_file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  // What it prints does not show the password.
  EXPECT_THAT(lines, ElementsAre("liminal | the password is ***"));

  const auto again = local().start({}, keep);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->already);
  EXPECT_EQ(again->airflow.url, started->airflow.url);

  ASSERT_TRUE(*local().find());
  EXPECT_TRUE((*local().find())->running);
  const auto ended = local().stop();
  ASSERT_TRUE(ended);
  EXPECT_GE(*ended, 2U);
  EXPECT_FALSE(*local().find());
  EXPECT_EQ(local().stop(), 0U);
}

TEST_F(LocalAirflowTest, TellsTheLastLinesOfAStartThatFails) {
  install("#!/bin/sh\necho no database\nexit 3\n");
  const auto started = local().start({}, keep);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, ErrorKind::failed);
  EXPECT_EQ(started.error().message, "Airflow ended while it started");
  EXPECT_THAT(started.error().excerpt, ElementsAre("no database"));
  EXPECT_FALSE(*local().find());
}

TEST_F(LocalAirflowTest, EndsWhatItStartedWhenTheUserStops) {
  install("#!/bin/sh\nexec sleep 300\n");
  parts.cancellation.request(2);
  const auto started = local().start({}, keep);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, ErrorKind::interrupted);
  EXPECT_FALSE(*local().find());
}

// A process that was begun this moment has no environment to be read for some more of them.
bool shows_mark(int id, const std::string& mark) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < end) {
    std::ifstream file("/proc/" + std::to_string(id) + "/environ");
    std::stringstream environment;
    environment << file.rdbuf();
    if (environment.str().find(mark) != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

TEST_F(LocalAirflowTest, EndsWhatAnEarlierStartLeftHalfDone) {
  install(server_program);
  // As a start leaves it that is killed after its program began and before it wrote down which process that is.
  LocalState half;
  half.port = 1;
  half.mark = "half-done";
  half.starter = {999'999'999, 1, "x"};
  ASSERT_TRUE(write_state(parts.files, paths(), half));
  const auto orphan = processes.start({{"sleep", "300"},
                                       {{LocalState::mark_variable, "half-done"}},
                                       folder.path().string(),
                                       folder.path() / "orphan-log"});
  ASSERT_TRUE(orphan);
  ASSERT_TRUE(shows_mark(orphan->id, "half-done"));
  const auto started = local().start({}, keep);
  ASSERT_TRUE(started) << started.error().message;
  EXPECT_FALSE(started->already);
  EXPECT_FALSE(processes.is_running(*orphan));
}

TEST_F(LocalAirflowTest, LeavesAStartAloneThatIsUnderWay) {
  LocalState other;
  other.mark = "other";
  other.starter = processes.this_process();
  const auto program = processes.start({{"sleep", "300"}, {}, folder.path().string(), folder.path() / "log"});
  ASSERT_TRUE(program);
  other.leader = *program;
  ASSERT_TRUE(write_state(parts.files, paths(), other));
  const auto started = local().start({}, keep);
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("another `liminal start`"));
  EXPECT_TRUE(processes.is_running(*program));
}

TEST_F(LocalAirflowTest, SaysHowToGetAnAirflow) {
  const auto started = local().start({}, keep);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(started.error().message, "there is no Airflow to start");
  EXPECT_THAT(started.error().advice, HasSubstr("--airflow-by venv"));
  EXPECT_EQ(started.error().causes.size(), 3U);
}

TEST_F(LocalAirflowTest, RefusesAPortThatIsTaken) {
  install(server_program);
  const testing::FaultServer other([](testing::Exchange& e) { e.reply(200); });
  LocalOptions options;
  options.port = other.port();
  const auto started = local().start(options, keep);
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("is taken"));
  EXPECT_FALSE(*local().find());
}

TEST_F(LocalAirflowTest, WorksWhereNothingWasStarted) {
  EXPECT_FALSE(*local().find());
  EXPECT_EQ(local().stop(), 0U);
  EXPECT_EQ(local().show_log({}, keep).error().kind, ErrorKind::usage);
  EXPECT_EQ(local().server().error().kind, ErrorKind::usage);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "home"));
}

TEST_F(LocalAirflowTest, RefusesAStateThatItDidNotWrite) {
  for (const char* text : {"", "{}", "[]", R"({"by":"x"})"}) {
    folder.write("home/airflow/state.json", text);
    EXPECT_FALSE(local().find()) << text;
    EXPECT_FALSE(local().stop()) << text;
  }
  std::filesystem::remove(paths().state);
}

TEST_F(LocalAirflowTest, FindsThePythonOfAProgram) {
  EXPECT_FALSE(python_of(world, "airflow"));
  install("#!/bin/sh\n");
  EXPECT_EQ(python_of(world, "airflow"), (folder.path() / "bin/python-of-the-test").string());
  const auto program = folder.write("bin/airflow", "#!/usr/bin/env python3\n");
  EXPECT_EQ(python_of(world, "airflow"), processes.find("python3"));
  folder.write("bin/airflow", "#!/bin/sh\n'''exec' \"$(dirname \"$0\")/python\" \"$0\" \"$@\"\n' '''\n");
  EXPECT_FALSE(python_of(world, "airflow"));
  const auto beside = folder.write("bin/python", "");
  EXPECT_EQ(python_of(world, "airflow"), beside.string());
}

// An engine of the test that has the image; its container ends at once.
class LocalAirflowInDocker : public LocalAirflowTest {
 protected:
  void answer(testing::Exchange& e) {
    const std::string& target = e.request.target;
    const auto has = [&](const char* part) { return target.find(part) != std::string::npos; };
    if (target == "/version")
      return e.reply(200, {},
                     R"({"Version":"26.1","ApiVersion":"1.45","MinAPIVersion":"1.24","Os":"linux","Arch":"amd64"})");
    if (has("/images/apache/airflow:3/json")) return e.reply(200, {}, R"({"Id":"sha256:1"})");
    if (has("/images/")) return e.reply(404, {}, R"({"message":"No such image"})");
    if (has("/containers/create")) return e.reply(201, {}, R"({"Id":"c1"})");
    if (has("/containers/json")) {
      return e.reply(200, {}, removed ? "[]" : R"([{"Id":"c1","Names":["/x"],"State":"exited","Labels":{}}])");
    }
    if (has("/containers/c1/json"))
      return e.reply(200, {}, R"({"Id":"c1","State":{"Status":"exited","Running":false}})");
    removed = removed || e.request.method == "DELETE";
    e.reply(204);
  }

  std::atomic<bool> removed{false};
  testing::FaultServer engine{[this](testing::Exchange& e) { answer(e); }, (folder.path() / "docker.sock").string()};
  testing::TestWorld with_engine{{{"HOME", folder.path().string()},
                                  {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "of another"},
                                  {"DOCKER_HOST", "unix://" + (folder.path() / "docker.sock").string()}}};
  World docker_world{parts.files,    processes,          *http, clock, with_engine.environment,
                     parts.progress, parts.cancellation, 1};
};

TEST_F(LocalAirflowInDocker, TakesAnImageThatIsThereAndRemovesTheContainer) {
  folder.write(".kube/config", "");
  Local in_docker(docker_world, folder.path() / "home");
  const auto started = in_docker.start({}, keep);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message, "Airflow ended while it started");
  EXPECT_TRUE(removed);
  EXPECT_FALSE(*in_docker.find());
  Json sent;
  for (const auto& request : engine.requests()) {
    if (request.target.find("/containers/create") != std::string::npos) sent = Json::parse(request.body);
  }
  EXPECT_EQ(sent["Image"], "apache/airflow:3");
  EXPECT_EQ(sent["HostConfig"]["NetworkMode"], "host");
  EXPECT_TRUE(sent["Labels"].contains(LocalState::mark_label));
  const std::string variables = sent["Env"].dump();
  EXPECT_THAT(variables, HasSubstr("LIMINAL_AIRFLOW_PORT="));
  EXPECT_THAT(variables, HasSubstr("KUBECONFIG="));
  EXPECT_THAT(variables, ::testing::Not(HasSubstr("SQL_ALCHEMY_CONN")));
  auto password = parts.files.read(paths().password, 100);
  ASSERT_TRUE(password);
  password->pop_back();
  EXPECT_THAT(sent.dump(), ::testing::Not(HasSubstr(*password)));
}

TEST_F(LocalAirflowInDocker, NamesTheImageThatIsMissing) {
  LocalOptions options;
  options.image = "team/airflow:1";
  const auto started = Local(docker_world, folder.path() / "home").start(options, keep);
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("has no image team/airflow:1"));
  EXPECT_THAT(started.error().advice, HasSubstr("docker pull team/airflow:1"));
}

TEST(LogFile, TellsTheLastLinesAndThenWhatComes) {
  const testing::TemporaryFolder folder;
  std::vector<std::string> lines;
  const OnLine keep = [&](std::string_view line) { lines.emplace_back(line); };
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "line " + std::to_string(i) + "\n";
  const auto path = folder.write("log", text);
  LogFile log(path, "secret", keep);
  ASSERT_TRUE(log.tell_last(2));
  EXPECT_THAT(lines, ElementsAre("line 19998", "line 19999"));
  std::ofstream(path, std::ios::app) << "my secret, secret\nhalf";
  ASSERT_TRUE(log.tell_new());
  EXPECT_EQ(lines.back(), "my ***, ***");
  log.finish();
  EXPECT_EQ(lines.back(), "half");
  // Begun anew.
  folder.write("log", "new\n");
  ASSERT_TRUE(log.tell_new());
  EXPECT_EQ(lines.back(), "new");
  lines.clear();
  LogFile all(path, "", keep);
  ASSERT_TRUE(all.tell_last(1000));
  EXPECT_THAT(lines, ElementsAre("new"));
  lines.clear();
  ASSERT_TRUE(LogFile(path, "", keep).tell_last(0));
  EXPECT_TRUE(lines.empty());
}

TEST(LoopbackPort, IsFreeOrRefused) {
  const testing::FaultServer server([](testing::Exchange& e) { e.reply(200); });
  EXPECT_TRUE(free_loopback_port(std::nullopt));
  EXPECT_FALSE(free_loopback_port(server.port()));
}

TEST(LiminalHome, IsTheVariableOrBelowHome) {
  const auto of = [](std::map<std::string, std::string> variables) {
    return liminal_home(Environment(std::move(variables)));
  };
  EXPECT_EQ(*of({{"LIMINAL_HOME", "/x/./y"}, {"HOME", "/h"}}), "/x/y");
  EXPECT_EQ(*of({{"HOME", "/h"}}), "/h/liminal_home");
  EXPECT_EQ(*of({{"LIMINAL_HOME", ""}, {"HOME", "/h"}}), "/h/liminal_home");
  EXPECT_FALSE(of({}));
  EXPECT_FALSE(of({{"LIMINAL_HOME", "relative"}}));
}

}  // namespace
}  // namespace liminal::airflow
