#include "liminal/kube/kubeconfig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kubeconfig_world.hpp"

namespace liminal::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::KubeconfigWorld;
using ::testing::Not;

const std::string plain_cluster = "{server: \"https://10.0.0.1:6443/\"}";

std::string context_file(const std::string& name, const std::string& server) {
  return "clusters: [{name: " + name + ", cluster: {server: \"" + server + "\"}}]\nusers: [{name: " + name +
         ", user: {token: " + name + "-token}}]\ncontexts: [{name: " + name + ", context: {cluster: " + name +
         ", user: " + name + "}}]\n";
}

TEST(Kubeconfig, SaysWhereAndAsWhom) {
  KubeconfigWorld outside;
  const auto identity = testing::make_certificate({});
  outside.folder.write("pki/ca.pem", identity.certificate_pem);
  const auto connection = outside.connect(
      "{server: \"https://api.example:6443\", certificate-authority: pki/ca.pem, tls-server-name: kube, proxy-url: "
      "\"socks5://proxy:1080\"}",
      "{client-certificate-data: " + base64_encode(identity.certificate_pem) +
          ", client-key-data: " + base64_encode(identity.key_pem) + ", token: abc, as: ci, as-groups: [x, y]}");
  ASSERT_TRUE(connection) << connection.error().message;
  EXPECT_EQ(connection->context, "main");
  EXPECT_EQ(connection->cluster, "c");
  EXPECT_EQ(connection->namespace_name, "ns");
  EXPECT_EQ(connection->server, "https://api.example:6443");
  EXPECT_EQ(connection->tls.ca_pem, identity.certificate_pem);
  EXPECT_EQ(connection->tls.server_name, "kube");
  EXPECT_TRUE(connection->tls.verify);
  EXPECT_EQ(connection->proxy, "socks5h://proxy:1080");
  EXPECT_EQ(connection->impersonation.size(), 3U);
  const auto proof = connection->credentials->prove(outside.world);
  ASSERT_TRUE(proof);
  EXPECT_EQ(proof->authorization, "Bearer abc");
  EXPECT_EQ(proof->certificate_pem, identity.certificate_pem);
  EXPECT_EQ(proof->key_pem, identity.key_pem);
  EXPECT_FALSE(connection->credentials->forget());
  EXPECT_THAT(outside.warnings, IsEmpty());
}

TEST(Kubeconfig, SendsAPasswordAsBasic) {
  KubeconfigWorld outside;
  const auto connection = outside.connect(plain_cluster, "{username: me, password: \"pa:ss\"}");
  ASSERT_TRUE(connection) << connection.error().message;
  EXPECT_EQ(connection->server, "https://10.0.0.1:6443");
  EXPECT_EQ(connection->credentials->prove(outside.world)->authorization, "Basic " + base64_encode("me:pa:ss"));
}

TEST(Kubeconfig, ReadsATokenFileEachTime) {
  KubeconfigWorld outside;
  outside.folder.write("token", "first\n");
  const auto connection = outside.connect(plain_cluster, "{tokenFile: token}");
  ASSERT_TRUE(connection) << connection.error().message;
  EXPECT_EQ(connection->credentials->prove(outside.world)->authorization, "Bearer first");
  outside.folder.write("token", " second ");
  EXPECT_TRUE(connection->credentials->forget());
  EXPECT_EQ(connection->credentials->prove(outside.world)->authorization, "Bearer second");
  std::filesystem::remove(outside.folder.path() / "token");
  const auto gone = connection->credentials->prove(outside.world);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, ErrorKind::unavailable);
}

TEST(Kubeconfig, AUserMayBeNobody) {
  KubeconfigWorld outside;
  const auto connection = outside.connect(plain_cluster, "{}");
  ASSERT_TRUE(connection) << connection.error().message;
  EXPECT_EQ(connection->credentials, nullptr);
}

TEST(Kubeconfig, WarnsOfWhatIsNotVerifiedAndSendsNoCredentialsInTheOpen) {
  KubeconfigWorld outside;
  const auto unverified = outside.connect("{server: \"https://h\", insecure-skip-tls-verify: true}", "{token: t}");
  ASSERT_TRUE(unverified);
  EXPECT_FALSE(unverified->tls.verify);
  EXPECT_THAT(outside.warnings, ElementsAre(HasSubstr("certificate of the cluster c is not checked")));
  outside.warnings.clear();
  const auto open = outside.connect("{server: \"http://h\"}", "{token: t}");
  ASSERT_TRUE(open);
  EXPECT_EQ(open->credentials, nullptr);
  EXPECT_THAT(outside.warnings, ElementsAre(HasSubstr("without TLS")));
  outside.warnings.clear();
  ASSERT_TRUE(outside.connect("{server: \"http://127.0.0.1:8001\"}", "{}"));
  EXPECT_THAT(outside.warnings, IsEmpty());
}

TEST(Kubeconfig, TheFirstFileToSetAValueWins) {
  KubeconfigWorld files;
  const auto first = files.folder.write("a/first", "current-context: one\n" + context_file("one", "https://first"));
  const auto second = files.folder.write("b/second", "current-context: two\n" + context_file("one", "https://second"));
  const auto third = files.folder.write("c/third", context_file("two", "https://third"));
  KubeconfigWorld outside(testing::Variables{
      {"KUBECONFIG", first.string() + "::/nowhere/at/all:" + second.string() + ":" + third.string()}});
  const auto config = Kubeconfig::load(outside.world, {});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->current_context(), "one");
  EXPECT_THAT(config->contexts(), ElementsAre("one", "two"));
  EXPECT_THAT(config->files(), ElementsAre(first, second, third));
  EXPECT_EQ(config->connect("one")->server, "https://first");
  EXPECT_EQ(config->connect("one")->namespace_name, "default");
  EXPECT_EQ(config->connect("two")->server, "https://third");
}

TEST(Kubeconfig, TheOneInTheHomeFolderCountsWhereNoneIsNamed) {
  KubeconfigWorld files;
  files.folder.write(".kube/config", context_file("home", "https://home"));
  KubeconfigWorld outside(testing::Variables{{"HOME", files.folder.path().string()}});
  ASSERT_TRUE(Kubeconfig::load(outside.world, {})->connect("home"));

  KubeconfigOptions options;
  options.checkout = files.folder.path();
  const auto refused = Kubeconfig::load(outside.world, options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_THAT(refused.error().message, HasSubstr("lies inside the repository"));
  options.file = files.folder.path() / ".kube/config";
  EXPECT_TRUE(Kubeconfig::load(outside.world, options));
  options.file.reset();
  KubeconfigWorld named(testing::Variables{{"KUBECONFIG", (files.folder.path() / ".kube/config").string()}});
  EXPECT_TRUE(Kubeconfig::load(named.world, options));
}

TEST(Kubeconfig, NoneAtAllIsEmpty) {
  KubeconfigWorld outside(testing::Variables{{"HOME", "/nowhere"}});
  const auto config = Kubeconfig::load(outside.world, {});
  ASSERT_TRUE(config);
  EXPECT_FALSE(config->current_context());
  EXPECT_THAT(config->contexts(), IsEmpty());
  const auto connection = config->connect("prod");
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().message, "there is no context prod, because there is no kubeconfig");
  EXPECT_FALSE(outside.load("/nowhere/config"));  // one that is named has to be there
}

TEST(Kubeconfig, NamesTheNearestContextFirst) {
  KubeconfigWorld outside;
  std::string text = "contexts:\n";
  for (const char* name : {"alpha", "production", "beta"}) {
    text += std::string("- {name: ") + name + ", context: {cluster: x}}\n";
  }
  const auto file = outside.folder.write("config", text);
  const auto config = outside.load(file);
  ASSERT_TRUE(config) << config.error().message;
  const auto connection = config->connect("produciton");
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().kind, ErrorKind::usage);
  EXPECT_EQ(connection.error().message, "there is no context produciton");
  EXPECT_EQ(connection.error().advice, file.string() + " has production, alpha, beta");
}

struct Mistake {
  std::string text;
  std::string error;  // after the file's name
};

// What is wrong is named with its place, and no value of the file is repeated.
TEST(Kubeconfig, MistakesOfFilesHaveTheirPlaces) {
  const std::vector<Mistake> mistakes{
      {"clusters: [\n", ":2:1: this is not YAML"},
      {"users: canary-1\n", ":1:8: `users` has to be a list, and this is text"},
      {"- canary-2\n", ":1:1: a kubeconfig is a mapping, and this is a list"},
      {"kind: Deployment\n", ":1:7: this is no kubeconfig: its `kind` is not Config"},
      {"users:\n- name: a\n  user: {}\n- name: a\n  user: {}\n", ":4:9: a second entry of `users` has this name"},
      {"users:\n- name: 7\n", ":2:9: `name` has to be text, and this is a number"},
      {"users:\n- canary-3\n", ":2:3: a mapping has to stand here, and this is text"},
      {"token: a\ntoken: canary-4\n", ":2:1: this key stands twice in one mapping"},
      {"a: 1\n---\nb: canary-5\n", ":2:1: a second document begins here, and a kubeconfig is one"},
      {"user: \"canary-6\n", ":1:7: this is not YAML"},
      {"current-context: [canary-7]\n", ":1:18: `current-context` has to be text, and this is a list"},
  };
  KubeconfigWorld outside;
  for (const Mistake& mistake : mistakes) {
    const auto file = outside.folder.write("config", mistake.text);
    const auto config = outside.load(file);
    ASSERT_FALSE(config) << mistake.text;
    EXPECT_EQ(config.error().kind, ErrorKind::usage);
    EXPECT_EQ(config.error().message, file.string() + mistake.error);
    EXPECT_FALSE(config.error().advice.empty()) << mistake.text;
    EXPECT_THAT(config.error().advice, Not(HasSubstr("canary")));
  }
}

TEST(Kubeconfig, MistakesOfEntriesHaveTheirPlaces) {
  const std::string pem = base64_encode(testing::make_certificate({}).certificate_pem);
  struct Case {
    std::string cluster;
    std::string user;
    std::string error;
  };
  const std::vector<Case> cases{
      {"{}", "{}", ":5:12: the cluster has no `server`"},
      {"{server: \"ftp://h\"}", "{}", ":5:21: the address is neither http:// nor https://"},
      {"{server: \"https://me:canary@h\"}", "{}", ":5:21: the address carries a user name or password"},
      {"{server: https://h, certificate-authority-data: canary!}", "{}",
       ":5:60: `certificate-authority-data` is not Base64"},
      {"{server: https://h, certificate-authority-data: Y2FuYXJ5}", "{}",
       ":5:60: what `certificate-authority-data` holds is not PEM"},
      {"{server: https://h, insecure-skip-tls-verify: \"yes\"}", "{}",
       ":5:58: `insecure-skip-tls-verify` has to be true or false, and this is text"},
      {"{server: https://h, insecure-skip-tls-verify: true, certificate-authority-data: " + pem + "}", "{}",
       ":5:58: a certificate authority is named, and `insecure-skip-tls-verify` says not to look at it"},
      {"{server: https://h, proxy-url: \"ftp://canary\"}", "{}",
       ":5:43: the proxy's address begins with none of http://, https:// and socks5://"},
      {plain_cluster, "{token: 123}", ":8:17: `token` has to be text, and this is a number"},
      {plain_cluster, "{token: canary, username: canary}",
       ":8:9: the user has a token and a password, and only one can be sent"},
      {plain_cluster, "{client-certificate-data: " + pem + "}", ":8:9: the user has a client certificate and no key"},
      {plain_cluster, "{auth-provider: {name: gcp, config: {access-token: canary}}}",
       ":8:25: `auth-provider` is not supported: it was taken out of Kubernetes"},
      {plain_cluster, "{exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}}",
       ":8:29: the exec plug-in speaks no version that is known here"},
      {plain_cluster, "{exec: {apiVersion: client.authentication.k8s.io/v1, command: x}}",
       ":8:16: the exec plug-in needs an `interactiveMode`"},
      {plain_cluster, "{exec: {apiVersion: client.authentication.k8s.io/v1beta1}}",
       ":8:16: the exec plug-in has no `command`"},
      {plain_cluster, "{as-groups: [admins]}", ":8:9: a user, a group or more to act as, but no `as`"},
  };
  for (const Case& one : cases) {
    KubeconfigWorld outside;
    const auto connection = outside.connect(one.cluster, one.user);
    ASSERT_FALSE(connection) << one.error;
    EXPECT_EQ(connection.error().kind, ErrorKind::usage);
    EXPECT_EQ(connection.error().message, (outside.folder.path() / "config").string() + one.error);
    EXPECT_FALSE(connection.error().advice.empty()) << one.error;
    EXPECT_THAT(connection.error().message + connection.error().advice, Not(HasSubstr("canary")));
  }
}

TEST(Kubeconfig, NamesWhatAContextNamesInVain) {
  KubeconfigWorld outside;
  const auto file = outside.folder.write("config",
                                         "clusters: [{name: c, cluster: {server: https://h}}]\n"
                                         "contexts:\n"
                                         "- {name: a, context: {cluster: d}}\n"
                                         "- {name: b, context: {cluster: c, user: u}}\n"
                                         "- {name: e, context: {user: u}}\n");
  const auto config = outside.load(file);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->connect("a").error().message,
            file.string() + ":3:32: the context a names the cluster d, which is not there");
  EXPECT_EQ(config->connect("a").error().advice, "there are c");
  EXPECT_EQ(config->connect("b").error().message,
            file.string() + ":4:41: the context b names the user u, which is not there");
  EXPECT_EQ(config->connect("e").error().message, file.string() + ":5:22: the context e names no cluster");
}

TEST(InCluster, IsNowhereWithoutThePodsVariables) {
  KubeconfigWorld outside;
  const auto connection = in_cluster(outside.world);
  ASSERT_TRUE(connection);
  EXPECT_FALSE(*connection);
}

// Files of another place, as a pod has them.
class PodFiles final : public FileSystem {
 public:
  explicit PodFiles(std::filesystem::path root) : root_(std::move(root)) {}
  Result<std::string> read(const std::filesystem::path& path, std::uint64_t limit) const override {
    return files_.read(root_ / path.relative_path(), limit);
  }
  std::optional<FileInfo> info_following_links(const std::filesystem::path& path) const override {
    return files_.info_following_links(root_ / path.relative_path());
  }
  std::optional<FileInfo> info(const std::filesystem::path& path) const override { return files_.info(path); }
  Status write(const std::filesystem::path&, std::string_view, std::uint32_t) override { return {}; }
  Status write_to_named(const std::filesystem::path&, std::string_view) override { return {}; }
  Result<std::vector<DirectoryEntry>> list(const std::filesystem::path& path) const override {
    return files_.list(path);
  }
  Result<std::string> read_link(const std::filesystem::path& path) const override { return files_.read_link(path); }
  Status make_directories(const std::filesystem::path&) override { return {}; }
  Status rename(const std::filesystem::path&, const std::filesystem::path&) override { return {}; }
  Status remove_all(const std::filesystem::path&) override { return {}; }
  Result<std::filesystem::path> resolve_beneath(const std::filesystem::path& root,
                                                const std::filesystem::path& relative) const override {
    return files_.resolve_beneath(root, relative);
  }

 private:
  std::filesystem::path root_;
  NativeFileSystem files_;
};

TEST(InCluster, IsThePodsServiceAccount) {
  KubeconfigWorld outside(
      testing::Variables{{"KUBERNETES_SERVICE_HOST", "fd00::1"}, {"KUBERNETES_SERVICE_PORT", "443"}});
  const std::string folder = "var/run/secrets/kubernetes.io/serviceaccount/";
  PodFiles files(outside.folder.path());
  World world{files,
              outside.processes,
              outside.parts.http,
              outside.parts.clock,
              outside.environment,
              outside.parts.progress,
              outside.parts.cancellation,
              1};
  EXPECT_FALSE(*in_cluster(world));  // a pod without an account
  outside.folder.write(folder + "token", "pod-token\n");
  EXPECT_FALSE(in_cluster(world));
  outside.folder.write(folder + "ca.crt", "PEM");
  outside.folder.write(folder + "namespace", "ml\n");
  const auto connection = in_cluster(world);
  ASSERT_TRUE(connection && *connection);
  EXPECT_EQ((*connection)->server, "https://[fd00::1]:443");
  EXPECT_EQ((*connection)->namespace_name, "ml");
  EXPECT_EQ((*connection)->tls.ca_pem, "PEM");
  EXPECT_EQ((*connection)->credentials->prove(world)->authorization, "Bearer pod-token");
}

TEST(DevelopmentCluster, HasItsNameAndAnAddressOfThisMachine) {
  const auto is = [](const std::string& context, const std::string& server) {
    Connection connection;
    connection.context = context;
    connection.server = server;
    return is_development_cluster(connection);
  };
  for (const char* context :
       {"minikube", "kind-x", "k3d-x", "docker-desktop", "rancher-desktop", "colima", "orbstack", "microk8s"}) {
    EXPECT_TRUE(is(context, "https://127.0.0.1:6443")) << context;
    EXPECT_TRUE(is(context, "https://192.168.49.2:8443")) << context;
    EXPECT_FALSE(is(context, "https://api.example:6443")) << context;
    EXPECT_FALSE(is(context, "https://8.8.8.8")) << context;
  }
  EXPECT_TRUE(is("docker-desktop", "https://kubernetes.docker.internal:6443"));
  EXPECT_TRUE(is("k3d-x", "https://0.0.0.0:6550"));
  for (const char* context : {"", "prod", "kind", "minikube-2", "my-minikube"}) {
    EXPECT_FALSE(is(context, "https://127.0.0.1:6443")) << context;
  }
}

}  // namespace
}  // namespace liminal::kube
