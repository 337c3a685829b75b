#include "kubeconfig_entries.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "liminal/base/base64.hpp"
#include "liminal/base/http_url.hpp"
#include "liminal/document/value.hpp"

namespace liminal::kube {

namespace {

constexpr std::uint64_t pem_limit = 4U << 20U;
constexpr std::size_t hint_limit = 500;

// NAME-data (Base64) or the file that NAME names; the data wins.
std::string read_pem(const FileSystem& files, const Fields& fields, const std::string& name) {
  const std::string data_key = name + "-data";
  std::string pem;
  std::string key = data_key;
  if (const std::string data = fields.text(data_key); !data.empty()) {
    const auto decoded = base64_decode(data);
    if (!decoded) {
      fields.refuse(key, fmt::format("`{}` is not Base64", key),
                    "take it anew from the cluster, or name a file in `" + name + "`");
      return {};
    }
    pem = *decoded;
  } else if (const std::string file = fields.text(name); !file.empty()) {
    key = name;
    auto text = files.read(fields.file().resolve(file), pem_limit);
    if (!text) {
      fields.refuse(key, text.error().message, "correct the path; it is relative to the kubeconfig's folder");
      return {};
    }
    pem = std::move(*text);
  } else {
    return {};
  }
  if (pem.find("-----BEGIN ") != std::string::npos) return pem;
  fields.refuse(key, fmt::format("what `{}` holds is not PEM", key), "it has to hold a line -----BEGIN ...-----");
  return {};
}

// https://host:port/path without a slash at its end.
std::string read_server(const Fields& fields, bool has_tls) {
  std::string server = fields.text("server");
  if (server.empty()) {
    fields.refuse("server", "the cluster has no `server`", "write its address: https://host:port");
    return {};
  }
  if (server.find("://") == std::string::npos) server = (has_tls ? "https://" : "http://") + server;
  const auto url = HttpUrl::parse(server);
  if (!url || url->target.find('?') != std::string::npos) {
    fields.refuse("server", url ? "the address has a query" : url.error().message, "write it as https://host:port");
    return {};
  }
  server = url->text();
  while (server.ends_with('/')) server.pop_back();
  return server;
}

std::string read_proxy(const Fields& fields) {
  std::string proxy = fields.text("proxy-url");
  if (proxy.empty()) return proxy;
  const std::string scheme = proxy.substr(0, proxy.find("://"));
  if (scheme != "http" && scheme != "https" && scheme != "socks5" && scheme != "socks5h") {
    fields.refuse("proxy-url", "the proxy's address begins with none of http://, https:// and socks5://", "correct it");
    return {};
  }
  if (scheme == "socks5") proxy.insert(scheme.size(), "h");  // the proxy looks names up, as with kubectl
  return proxy;
}

// A mapping, list or scalar as JSON; what an extension holds is for the plug-in alone.
Json json_of(const document::Node* node) {
  return node == nullptr ? Json() : document::Value::of(*node).json();
}

Json exec_info(const Fields& fields, const Cluster& cluster) {
  Json info{{"server", cluster.server}};
  if (!cluster.tls.server_name.empty()) info["tls-server-name"] = cluster.tls.server_name;
  if (!cluster.tls.verify) info["insecure-skip-tls-verify"] = true;
  if (!cluster.tls.ca_pem.empty()) info["certificate-authority-data"] = base64_encode(cluster.tls.ca_pem);
  if (const std::string proxy = fields.text("proxy-url"); !proxy.empty()) info["proxy-url"] = proxy;
  if (fields.flag("disable-compression")) info["disable-compression"] = true;
  for (const Fields& extension : fields.mappings("extensions")) {
    if (extension.text("name") != "client.authentication.k8s.io/exec") continue;
    info["config"] = json_of(extension.node("extension"));
  }
  return info;
}

void refuse_auth_provider(const Fields& fields) {
  const std::string name = fields.mapping("auth-provider").text("name");
  std::string advice = "use an exec plug-in instead: kubectl oidc-login for OpenID Connect";
  if (name == "gcp")
    advice = "install gke-gcloud-auth-plugin and run: gcloud container clusters get-credentials CLUSTER";
  if (name == "azure") advice = "install kubelogin and run: kubelogin convert-kubeconfig";
  fields.refuse("auth-provider", "`auth-provider` is not supported: it was taken out of Kubernetes", advice);
}

ExecPlugin read_plugin(const Fields& fields, const Cluster& cluster) {
  ExecPlugin plugin;
  plugin.place = fields.place();
  plugin.api_version = fields.text("apiVersion");
  plugin.command = fields.text("command");
  plugin.arguments = fields.texts("args");
  plugin.install_hint = fields.text("installHint").substr(0, hint_limit);
  for (const Fields& variable : fields.mappings("env")) {
    plugin.environment[variable.text("name")] = variable.text("value");
  }
  if (fields.flag("provideClusterInfo")) plugin.cluster = cluster.exec_info;

  const bool first = plugin.api_version == "client.authentication.k8s.io/v1";
  if (!first && plugin.api_version != "client.authentication.k8s.io/v1beta1") {
    fields.refuse("apiVersion", "the exec plug-in speaks no version that is known here",
                  "bring it up to date, and write client.authentication.k8s.io/v1");
  }
  if (plugin.command.empty()) fields.refuse("", "the exec plug-in has no `command`", "name the program to run");
  if (plugin.command.find('/') != std::string::npos) plugin.command = fields.file().resolve(plugin.command).string();
  const std::string mode = fields.text("interactiveMode");
  plugin.needs_person = mode == "Always";
  const bool known = plugin.needs_person || mode == "Never" || mode == "IfAvailable" || (mode.empty() && !first);
  if (!known) {
    fields.refuse("interactiveMode", "the exec plug-in needs an `interactiveMode`",
                  "write Never, IfAvailable or Always");
  }
  return plugin;
}

std::vector<std::pair<std::string, std::string>> read_impersonation(const Fields& fields) {
  std::vector<std::pair<std::string, std::string>> headers;
  if (const std::string user = fields.text("as"); !user.empty()) headers.emplace_back("Impersonate-User", user);
  if (const std::string uid = fields.text("as-uid"); !uid.empty()) headers.emplace_back("Impersonate-Uid", uid);
  for (std::string& group : fields.texts("as-groups")) headers.emplace_back("Impersonate-Group", std::move(group));
  const Fields extra = fields.mapping("as-user-extra");
  for (const std::string& key : extra.keys()) {
    for (std::string& value : extra.texts(key)) {
      headers.emplace_back("Impersonate-Extra-" + percent_encode(key), std::move(value));
    }
  }
  if (!headers.empty() && headers.front().first != "Impersonate-User") {
    fields.refuse("", "a user, a group or more to act as, but no `as`", "name the user to act as in `as`");
  }
  return headers;
}

}  // namespace

Cluster read_cluster(const FileSystem& files, const Fields& fields) {
  Cluster cluster;
  cluster.tls.ca_pem = read_pem(files, fields, "certificate-authority");
  cluster.tls.server_name = fields.text("tls-server-name");
  cluster.tls.verify = !fields.flag("insecure-skip-tls-verify");
  cluster.server = read_server(fields, !cluster.tls.verify || !cluster.tls.ca_pem.empty());
  cluster.proxy = read_proxy(fields);
  if (!cluster.tls.verify && !cluster.tls.ca_pem.empty()) {
    fields.refuse("insecure-skip-tls-verify",
                  "a certificate authority is named, and `insecure-skip-tls-verify` says not to look at it",
                  "take one of them out; without `insecure-skip-tls-verify` it is safe");
  }
  cluster.exec_info = exec_info(fields, cluster);
  return cluster;
}

User read_user(const FileSystem& files, const Fields& fields, const Cluster& cluster) {
  User user;
  user.impersonation = read_impersonation(fields);
  if (fields.has("auth-provider")) refuse_auth_provider(fields);

  Credentials::Proof proof;
  proof.certificate_pem = read_pem(files, fields, "client-certificate");
  proof.key_pem = read_pem(files, fields, "client-key");
  if (proof.certificate_pem.empty() != proof.key_pem.empty()) {
    fields.refuse("",
                  fmt::format("the user has a client {} and no {}", proof.key_pem.empty() ? "certificate" : "key",
                              proof.key_pem.empty() ? "key" : "certificate"),
                  "both are needed");
  }
  const std::string token = fields.text("token");
  const std::string token_file = fields.text("tokenFile");
  const std::string name = fields.text("username");
  const std::string password = fields.text("password");
  const bool has_token = !token.empty() || !token_file.empty();
  const bool has_password = !name.empty() || !password.empty();
  if (has_token && has_password) {
    fields.refuse("", "the user has a token and a password, and only one can be sent", "take one of them out");
  }
  if (has_password) proof.authorization = "Basic " + base64_encode(name + ":" + password);
  if (!token.empty()) proof.authorization = "Bearer " + token;

  if (!token_file.empty()) {
    user.credentials = token_file_credentials(fields.file().resolve(token_file), std::move(proof));
  } else if (proof.authorization.empty() && fields.has("exec")) {
    user.credentials = exec_credentials(read_plugin(fields.mapping("exec"), cluster), std::move(proof));
  } else if (!proof.authorization.empty() || !proof.certificate_pem.empty()) {
    user.credentials = fixed_credentials(std::move(proof));
  }
  return user;
}

}  // namespace liminal::kube
