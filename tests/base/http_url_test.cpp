#include "liminal/base/http_url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace liminal {
namespace {

TEST(HttpUrl, TakesTheSchemesOwnPort) {
  const auto url = HttpUrl::parse("HTTPS://Registry.Example.com/v2/?a=b#part");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "registry.example.com");
  EXPECT_EQ(url->port, 443);
  EXPECT_EQ(url->text(), "https://registry.example.com/v2/?a=b");
}

TEST(HttpUrl, KeepsAnIPv6HostInBracketsInItsText) {
  const auto url = HttpUrl::parse("http://[::1]:5000");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->text(), "http://[::1]:5000/");
}

TEST(HttpUrl, RefusesWhatIsNoHttpAddress) {
  for (const char* text : {"", "example.com", "file:///etc/passwd", "https://", "https://user:pass@host/",
                           "https://h:0/", "https://h:70000/", "https://h:1x/", "https://a b/", "https://h\n/",
                           "gopher://h/", "https://[::1/", "https://h@/", "https://h\\@evil/", "https://ex%61mple/"}) {
    const auto url = HttpUrl::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().kind, ErrorKind::usage);
  }
}

TEST(HttpUrl, NeverRepeatsThePasswordOfAnAddressInItsError) {
  const auto url = HttpUrl::parse("https://user:hunter2@host/");
  ASSERT_FALSE(url);
  EXPECT_THAT(url.error().message, ::testing::Not(::testing::HasSubstr("hunter2")));
}

TEST(HttpUrl, ResolvesLocations) {
  const auto base = *HttpUrl::parse("https://r.example:5000/v2/a/blobs/uploads/?x=1");
  EXPECT_EQ(base.resolve("/v2/b?state=1")->text(), "https://r.example:5000/v2/b?state=1");
  EXPECT_EQ(base.resolve("https://other/x")->text(), "https://other/x");
  EXPECT_EQ(base.resolve("//other/x")->text(), "https://other/x");
  EXPECT_EQ(base.resolve("uuid?state=a:b/c")->text(), "https://r.example:5000/v2/a/blobs/uploads/uuid?state=a:b/c");
  EXPECT_EQ(base.resolve("../x")->text(), "https://r.example:5000/v2/a/blobs/x");
  EXPECT_EQ(base.resolve("../../../../../../x")->text(), "https://r.example:5000/x");
  EXPECT_EQ(base.resolve("?y=2")->text(), "https://r.example:5000/v2/a/blobs/uploads/?y=2");
  EXPECT_FALSE(base.resolve("file:///etc/passwd"));
}

TEST(KindOfHost, SeesEverySpellingOfAnAddress) {
  for (const char* host : {"localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.1", "0x7f000001", "2130706433",
                           "0177.0.0.1", "::1", "[::1]", "::ffff:127.0.0.1"}) {
    EXPECT_EQ(kind_of_host(host), HostKind::loopback) << host;
  }
  for (const char* host :
       {"169.254.169.254", "2852039166", "::ffff:169.254.169.254", "fe80::1", "64:ff9b::a9fe:a9fe"}) {
    EXPECT_EQ(kind_of_host(host), HostKind::link_local) << host;
  }
  for (const char* host :
       {"10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1", "fd00::1", "0.0.0.0", "::"}) {
    EXPECT_EQ(kind_of_host(host), HostKind::private_net) << host;
  }
  for (const char* host : {"example.com", "localhost.example.com", "8.8.8.8", "172.32.0.1", "2606:4700::1"}) {
    EXPECT_EQ(kind_of_host(host), HostKind::other) << host;
  }
}

TEST(PercentEncode, KeepsUnreservedCharactersAndThoseAskedFor) {
  EXPECT_EQ(percent_encode("a-b_c.d~e"), "a-b_c.d~e");
  EXPECT_EQ(percent_encode("repository:a/b:pull,push", ":/,"), "repository:a/b:pull,push");
  EXPECT_EQ(percent_encode("a b&c=d%\n\xc3\xa9"), "a%20b%26c%3Dd%25%0A%C3%A9");
}

}  // namespace
}  // namespace liminal
