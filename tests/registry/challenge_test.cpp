#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../../src/registry/authorizer.hpp"
#include "../../src/registry/retry.hpp"

namespace liminal::registry {
namespace {

TEST(Challenge, ReadsQuotedParameters) {
  const auto found = parse_challenges(R"(Bearer realm="https://a/token",service="r",scope="repository:a/b:pull,push")");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].scheme, "bearer");
  EXPECT_EQ(found[0].get("realm"), "https://a/token");
  EXPECT_EQ(found[0].get("scope"), "repository:a/b:pull,push");
}

TEST(Challenge, ReadsSeveralInOneHeaderAndPrefersBearer) {
  const auto chosen = choose_challenge({R"(Basic realm="x", Bearer realm="https://a/t" , service = r)"});
  ASSERT_TRUE(chosen);
  EXPECT_EQ(chosen->scheme, "bearer");
  EXPECT_EQ(chosen->get("service"), "r");
}

TEST(Challenge, EndsOnAnyText) {
  for (const char* text :
       {"", ",", "=", "\"", "Bearer realm=\"", "Bearer =", "a b c", "\\", "Bearer realm=\"a\\", "== ,, \"\""}) {
    static_cast<void>(parse_challenges(text));
  }
  EXPECT_FALSE(choose_challenge({"Negotiate", "Digest realm=\"x\""}));
}

TEST(SameSite, IsTheSameHostOrDomain) {
  EXPECT_TRUE(is_same_site("registry-1.docker.io", "auth.docker.io"));
  EXPECT_TRUE(is_same_site("registry.gitlab.com", "gitlab.com"));
  EXPECT_TRUE(is_same_site("registry.example.co.uk", "auth.example.co.uk"));
  EXPECT_TRUE(is_same_site("127.0.0.1", "127.0.0.1"));
  EXPECT_FALSE(is_same_site("registry.example.com", "evil.com"));
  EXPECT_FALSE(is_same_site("registry.example.com", "registry.example.com.evil.org"));
  EXPECT_FALSE(is_same_site("registry.co.uk", "evil.co.uk"));
  EXPECT_FALSE(is_same_site("8.8.8.8", "1.1.8.8"));
  EXPECT_FALSE(is_same_site("10.0.0.1", "10.0.0.2"));
}

TEST(Redirect, NeverLeavesTlsOrEntersThisMachineOrANetworkOfItsOwn) {
  const auto allowed = [](const char* from, const char* to) {
    return check_redirect(*HttpUrl::parse(from), *HttpUrl::parse(to)).has_value();
  };
  EXPECT_TRUE(allowed("https://r.example", "https://storage.example/x"));
  EXPECT_TRUE(allowed("http://127.0.0.1:1", "http://127.0.0.1:2"));
  EXPECT_TRUE(allowed("https://10.0.0.1", "https://10.0.0.2"));
  EXPECT_TRUE(allowed("http://127.0.0.1:1", "https://storage.example/x"));
  EXPECT_FALSE(allowed("https://r.example", "http://r.example"));
  EXPECT_FALSE(allowed("https://r.example", "https://127.0.0.1/"));
  EXPECT_FALSE(allowed("https://r.example", "https://localhost/"));
  EXPECT_FALSE(allowed("https://r.example", "https://169.254.169.254/"));
  EXPECT_FALSE(allowed("https://r.example", "https://[::ffff:169.254.169.254]/"));
  EXPECT_FALSE(allowed("https://169.254.1.1", "https://169.254.169.254/"));
  EXPECT_FALSE(allowed("https://r.example", "https://192.168.1.1/"));
  EXPECT_FALSE(allowed("https://r.example", "https://2130706433/"));
  EXPECT_FALSE(allowed("http://127.0.0.1:1", "http://169.254.169.254/latest/meta-data"));
}

TEST(Retry, IsForWhatMayPass) {
  for (const int status : {408, 425, 429, 499, 500, 502, 503, 504, 520, 524})
    EXPECT_TRUE(is_passing_status(status)) << status;
  for (const int status : {200, 307, 400, 401, 403, 404, 409, 413, 416, 501, 525})
    EXPECT_FALSE(is_passing_status(status)) << status;
}

}  // namespace
}  // namespace liminal::registry
