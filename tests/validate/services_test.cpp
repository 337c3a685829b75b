// Services and the servers that they run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "validate/validated.hpp"

namespace liminal {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Services, WithEndpointsThatNobodyReachesAreTold) {
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
  for (const char* path : {"/p?x", "/p#x", "/favicon.ico"}) {
    folder.write("liminal.yml",
                 "name: shop\nimages:\n  - image: srv\n    type: python_server\n    source: src\n"
                 "    endpoints: [{endpoint: '" +
                     std::string(path) + "', module: m, function: f}]\n");
    EXPECT_THAT(testing::findings_in(folder), ElementsAre(HasSubstr("bad-endpoint liminal.yml:6:28"))) << path;
  }
}

TEST(Services, HaveANameThatKubernetesTakes) {
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

TEST(Services, WhoseImageHasNoServerAreTold) {
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

TEST(Services, WithoutEndpointsAreAWarning) {
  const testing::TemporaryFolder folder;
  folder.write("src/m.py", "");
  folder.write("liminal.yml", "name: shop\nimages: [{image: web, type: python_server, source: src}]\n");
  EXPECT_THAT(testing::findings_in(folder),
              ElementsAre(HasSubstr("warning missing-endpoint liminal.yml:2:29 image `web` has no `endpoints`")));
}

TEST(Services, HaveNoEngineToRenderTheirResources) {
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

}  // namespace
}  // namespace liminal
