// As apimachinery's validation has them.
#include "liminal/model/kubernetes_names.hpp"

#include <string>

#include <gtest/gtest.h>

namespace liminal::model {
namespace {

TEST(KubernetesNames, OfNamespacesAreLabels) {
  for (const char* name : {"a", "9", "ns-1", "1-a"}) EXPECT_TRUE(is_dns_label(name)) << name;
  for (const char* name : {"", "Bad", "a b", "-a", "a-", "a.b", "a_b"}) EXPECT_FALSE(is_dns_label(name)) << name;
  EXPECT_TRUE(is_dns_label(std::string(63, 'a')));
  EXPECT_FALSE(is_dns_label(std::string(64, 'a')));
}

TEST(KubernetesNames, OfObjectsAreSubdomains) {
  for (const char* name : {"a", "fast.example.com", "a-1.b"}) EXPECT_TRUE(is_dns_subdomain(name)) << name;
  for (const char* name : {"", "Bad Name", "a..b", ".a", "a.", "a.-b", "a/b"})
    EXPECT_FALSE(is_dns_subdomain(name)) << name;
  EXPECT_TRUE(is_dns_subdomain(std::string(253, 'a')));
  EXPECT_FALSE(is_dns_subdomain(std::string(254, 'a')));
}

TEST(KubernetesNames, OfLabelsMayHaveADomain) {
  for (const char* name : {"a", "Team", "a_b.c-d", "example.com/team", "9"})
    EXPECT_TRUE(is_qualified_name(name)) << name;
  for (const char* name : {"", "a b", "-a", "a/", "/a", "a/b/c", "Example.com/a", "a:b"})
    EXPECT_FALSE(is_qualified_name(name)) << name;
}

TEST(KubernetesNames, ValuesOfLabelsMayBeEmpty) {
  for (const char* value : {"", "True", "1.5", "a_b"}) EXPECT_TRUE(is_label_value(value)) << value;
  for (const char* value : {"x y", "-", "a/b", ".a"}) EXPECT_FALSE(is_label_value(value)) << value;
  EXPECT_FALSE(is_label_value(std::string(64, 'a')));
}

}  // namespace
}  // namespace liminal::model
