#include "python_server.hpp"

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <future>
#include <mutex>
#include <regex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "liminal/base/http.hpp"
#include "liminal/base/json.hpp"

#include "support/temporary_folder.hpp"
#include "support/test_world.hpp"

namespace liminal::build {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

model::Image image_with_endpoints() {
  model::Image image;
  for (const char* name : {"echo", "none", "fails", "slow", "fields", "teapot", "process"}) {
    image.endpoints.push_back({std::string("/") + name, "package.served", name, nullptr});
  }
  return image;
}

constexpr const char* module = R"(
import time
def echo(body):
    return "%s %d" % (type(body).__name__, len(body)) if len(body) != 3 else body
def none(body):
    return None
def fails(body):
    raise ValueError("a secret detail")
def slow(body):
    time.sleep(float(body))
    return "slept"
def fields(body):
    return {"answer": [1, 2]}
def teapot(body):
    return "short and stout", 418
def process(body):
    import os
    return str(os.getpid())
)";

// The real program under the machine's own python3, stopped by SIGTERM when the test ends.
class RunningServer {
 public:
  explicit RunningServer(const model::Image& image = image_with_endpoints()) {
    for (const StagedFile& file : python_server_files(image)) folder_.write("opt/" + file.path, *file.content);
    folder_.write("app/package/__init__.py", "");
    folder_.write("app/package/served.py", module);
    auto command = python_server_command();
    command.back() = (folder_.path() / "opt/python_server.py").string();
    command.insert(command.end(), {"--address", "127.0.0.1", "--port", "0"});
    request_.arguments = std::move(command);
    request_.environment = Environment::of_this_process().all();
    request_.directory = (folder_.path() / "app").string();
    request_.cancellation = &cancellation_;
    request_.on_output = [this](std::string_view line) { take(line); };
    request_.on_error_output = [this](std::string_view line) { take(line); };
    thread_ = std::thread([this] {
      NativeProcessRunner runner(Environment::of_this_process().get("PATH").value_or("/usr/bin:/bin"));
      const auto outcome = runner.run(request_);
      exit_status_ = outcome ? outcome->exit_status : -1;
      take("ended");
    });
    std::unique_lock guard(mutex_);
    changed_.wait_for(guard, std::chrono::seconds(20), [this] { return port_ != 0 || ended(); });
  }
  ~RunningServer() { stop(); }

  int stop() {
    cancellation_.request(15);
    if (thread_.joinable()) thread_.join();
    return exit_status_;
  }
  [[nodiscard]] HttpRequest request(const std::string& method, const std::string& path) const {
    HttpRequest request;
    request.method = method;
    request.url = "http://127.0.0.1:" + std::to_string(port_) + path;
    return request;
  }
  HttpResponse send(const std::string& method, const std::string& path, const std::string& body = "") {
    HttpRequest sent = request(method, path);
    sent.body = body;
    const auto response = client_->send(sent);
    EXPECT_TRUE(response.has_value()) << (response ? "" : response.error().message);
    return response.value_or(HttpResponse{});
  }
  [[nodiscard]] HttpClient& client() const { return *client_; }
  std::string output() {
    const std::lock_guard guard(mutex_);
    return output_;
  }
  [[nodiscard]] const testing::TemporaryFolder& folder() const { return folder_; }

 private:
  [[nodiscard]] bool ended() const { return output_.ends_with("ended\n"); }
  void take(std::string_view line) {
    const std::lock_guard guard(mutex_);
    output_ += line;
    output_ += '\n';
    const std::regex listening("listening on 127.0.0.1 port ([0-9]+)");
    std::cmatch match;
    if (std::regex_match(line.data(), line.data() + line.size(), match, listening)) port_ = std::stoi(match[1]);
    changed_.notify_all();
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<HttpClient> client_ = make_http_client("liminal-test", Environment());
  Cancellation cancellation_;
  ProcessRequest request_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string output_;
  int port_ = 0;
  int exit_status_ = -1;
};

TEST(PythonServer, FilesCarryTheEndpointsInTheirOrder) {
  model::Image image;
  image.endpoints = {{"/b", "m", "f", nullptr}, {"/a", "\"quoted\"", "g", nullptr}};
  const auto files = python_server_files(image);
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].path, "endpoints.json");
  EXPECT_EQ(files[0].size, files[0].content->size());
  EXPECT_EQ(Json::parse(*files[0].content), Json::parse(R"([{"path": "/b", "module": "m", "function": "f"},
                            {"path": "/a", "module": "\"quoted\"", "function": "g"}])"));
  EXPECT_EQ(files[1].path, "python_server.py");
  EXPECT_THAT(python_server_command(), ElementsAre("python3", "-u", "/opt/liminal/python_server.py"));
}

TEST(PythonServer, ListensWhereApacheLiminalDoes) {
  const auto files = python_server_files({});
  EXPECT_THAT(*files[1].content, HasSubstr("default=\"0.0.0.0\""));
  EXPECT_THAT(*files[1].content, HasSubstr("default=80"));
}

TEST(PythonServer, GetAndPostCallTheFunctionWithTheBody) {
  RunningServer server;
  const auto get = server.send("GET", "/echo?a=1");
  EXPECT_EQ(get.status, 200);
  EXPECT_EQ(get.body, "bytes 0");
  EXPECT_EQ(get.headers.get("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(server.send("POST", "/echo", std::string("\0\xff!", 3)).body, std::string("\0\xff!", 3));
  EXPECT_EQ(server.send("POST", "/ec%68o", std::string(5'000'000, 'x')).body, "bytes 5000000");
  const auto head = server.send("HEAD", "/echo");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
}

TEST(PythonServer, TakesAChunkedBody) {
  RunningServer server;
  HttpRequest request = server.request("POST", "/echo");
  int pieces = 4;
  request.body_source = HttpBodySource{std::nullopt,
                                       [&](char* buffer, std::size_t) -> Result<std::size_t> {
                                         if (pieces-- == 0) return 0;
                                         buffer[0] = 'x';
                                         buffer[1] = 'y';
                                         return 2;
                                       },
                                       {}};
  const auto response = server.client().send(request);
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(response->body, "bytes 8");
}

TEST(PythonServer, AnswersWithJsonAndStatusWhenTheFunctionReturnsThem) {
  RunningServer server;
  const auto fields = server.send("GET", "/fields");
  EXPECT_EQ(fields.body, R"({"answer": [1, 2]})");
  EXPECT_EQ(fields.headers.get("content-type"), "application/json");
  const auto teapot = server.send("GET", "/teapot");
  EXPECT_EQ(teapot.status, 418);
  EXPECT_EQ(teapot.body, "short and stout");
}

TEST(PythonServer, OtherPathsAndMethodsAreRefused) {
  RunningServer server;
  const auto unknown = server.send("GET", "/nowhere");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.body, "Page not found.");
  EXPECT_EQ(server.send("GET", "/").status, 404);
  EXPECT_EQ(server.send("GET", "/../endpoints.json").status, 404);
  EXPECT_EQ(server.send("GET", "/favicon.ico").status, 204);
  const auto wrong = server.send("DELETE", "/echo");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.get("allow"), "GET, HEAD, OPTIONS, POST");
}

TEST(PythonServer, AFailureIsToldToTheLogAndNotToTheClient) {
  RunningServer server;
  for (const char* path : {"/fails", "/none"}) {
    const auto response = server.send("POST", path, "x");
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(response.body, "Internal Server Error");
  }
  EXPECT_EQ(server.send("GET", "/echo").status, 200);
  server.stop();
  EXPECT_THAT(server.output(), HasSubstr("ValueError: a secret detail"));
  EXPECT_THAT(server.output(), HasSubstr("must return text, bytes, a dict or a list, not NoneType"));
}

TEST(PythonServer, AnswersManyAtOnce) {
  RunningServer server;
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::future<int>> answers;
  for (int i = 0; i < 16; ++i) {
    answers.push_back(std::async(std::launch::async, [&] { return server.send("POST", "/slow", "0.5").status; }));
  }
  for (auto& answer : answers) EXPECT_EQ(answer.get(), 200);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4));  // one by one: 8
}

// Of one that keeps its connection: it is told to let it go, and not cut off.
TEST(PythonServer, BeforeItIsStoppedItAsksClientsToKeepNoConnection) {
  RunningServer server;
  EXPECT_FALSE(server.send("GET", "/echo").headers.get("connection"));
  ASSERT_EQ(kill(std::stoi(server.send("GET", "/process").body), SIGUSR1), 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  for (int i = 0; i < 2; ++i) {
    const auto response = server.send("GET", "/echo");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.get("connection"), "close");
  }
  EXPECT_EQ(server.stop(), 0);
}

TEST(PythonServer, TerminationEndsItInUnderASecond) {
  RunningServer server;
  EXPECT_EQ(server.send("GET", "/echo").status, 200);
  auto under_way = std::async(std::launch::async, [&] {
    HttpRequest request = server.request("POST", "/slow");
    request.body = "30";
    return server.client().send(request).has_value();
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(server.stop(), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
  EXPECT_FALSE(under_way.get());
}

TEST(PythonServer, AnEndpointThatCannotBeLoadedStopsTheStart) {
  model::Image image;
  image.endpoints = {{"/x", "package.served", "missing", nullptr}};
  RunningServer server(image);
  EXPECT_EQ(server.stop(), 1);
  EXPECT_THAT(server.output(), HasSubstr("endpoint /x: cannot load missing from package.served"));
}

}  // namespace
}  // namespace liminal::build
