// A client to try, and the environment that it is given.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "liminal/base/http.hpp"

namespace liminal {

class Http : public ::testing::Test {
 protected:
  Result<HttpResponse> get(const std::string& url) {
    HttpRequest request;
    request.url = url;
    return client->send(request);
  }
  void use(std::map<std::string, std::string> variables) {
    client = make_http_client("liminal-test", Environment(std::move(variables)));
  }

  std::unique_ptr<HttpClient> client = make_http_client("liminal-test", Environment());
};

}  // namespace liminal
