#include <limits>

#include <gtest/gtest.h>

#include "document/reading.hpp"

namespace liminal::document {
namespace {

Value value_of(const std::string& scalar) {
  const Reading reading = read("v: " + scalar + "\n");
  return Value::of(*reading.root().find("v"));
}

TEST(ScalarType, ReadsTheTrapsOfYaml11AsPyYamlDoes) {
  const std::vector<std::pair<std::string, std::string>> cases{{"yes", "true"},
                                                               {"No", "false"},
                                                               {"on", "true"},
                                                               {"OFF", "false"},
                                                               {"TRUE", "true"},
                                                               {"y", "\"y\""},
                                                               {"tRUE", "\"tRUE\""},
                                                               {"010", "8"},
                                                               {"09", "\"09\""},
                                                               {"0o10", "\"0o10\""},
                                                               {"1:30", "90"},
                                                               {"1:60", "\"1:60\""},
                                                               {"1_000", "1000"},
                                                               {"0x1F", "31"},
                                                               {"0b101", "5"},
                                                               {"-0x10", "-16"},
                                                               {"+12", "12"},
                                                               {"1e3", "\"1e3\""},
                                                               {"1.0e+3", "1000.0"},
                                                               {"1.e+3", "1000.0"},
                                                               {"3.10", "3.1"},
                                                               {".5", "0.5"},
                                                               {"-.5", "\"-.5\""},
                                                               {"1:30.5", "90.5"},
                                                               {"~", "null"},
                                                               {"null", "null"},
                                                               {"Null", "null"},
                                                               {"nULL", "\"nULL\""},
                                                               {"'yes'", "\"yes\""},
                                                               {"\"010\"", "\"010\""},
                                                               {"!!str 010", "\"010\""},
                                                               {"!!int '7'", "7"},
                                                               {"!!float 3", "3.0"},
                                                               {"0", "0"},
                                                               {"-0", "0"},
                                                               {"1__0", "10"},
                                                               {"_1", "\"_1\""},
                                                               {".inf", "\"inf\""},
                                                               {"-.INF", "\"-inf\""},
                                                               {".NaN", "\"nan\""},
                                                               {"0.0001", "0.0001"},
                                                               {"1.0e+16", "1e+16"},
                                                               {"1970-01-01", "\"1970-01-01\""}};
  for (const auto& [scalar, expected] : cases) EXPECT_EQ(value_of(scalar).json().dump(), expected) << scalar;
}

TEST(ScalarType, TellsDatesAndTimesFromText) {
  EXPECT_EQ(classify_plain("1970-01-01"), ScalarType::timestamp);
  EXPECT_EQ(classify_plain("1970-1-1"), ScalarType::string);
  EXPECT_EQ(classify_plain("2001-12-14t21:59:43.10-05:00"), ScalarType::timestamp);
  EXPECT_EQ(classify_plain("2001-12-14 21:59:43.10 -5"), ScalarType::timestamp);
  EXPECT_EQ(classify_plain("2001-12-14 21:59"), ScalarType::string);
}

TEST(ScalarType, KeepsIntegersBeyond64Bits) {
  EXPECT_FALSE(parse_integer("18446744073709551616"));
  EXPECT_EQ(parse_integer("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(value_of("0xFFFFFFFFFFFFFFFFFF").text(), "4722366482869645213695");
  EXPECT_EQ(value_of("-99999999999999999999").text(), "-99999999999999999999");
  EXPECT_DOUBLE_EQ(value_of("100_000_000_000_000_000_000").number().value_or(0), 1e20);
}

TEST(ScalarType, ShowsValuesAsPythonDoes) {
  EXPECT_EQ(value_of("yes").text(), "True");
  EXPECT_EQ(value_of("0.10").text(), "0.1");
  EXPECT_EQ(value_of("10.0").text(), "10.0");
  EXPECT_EQ(value_of("1.0e-5").text(), "1e-05");
  EXPECT_EQ(value_of("1.0e+22").text(), "1e+22");
  EXPECT_EQ(value_of("123456789012345.0").text(), "123456789012345.0");
  EXPECT_EQ(value_of("2001-12-14 21:59:43.10").text(), "2001-12-14 21:59:43.100000");
  EXPECT_EQ(value_of("2001-02-30").text(), "2001-02-30");
  EXPECT_EQ(value_of("~").text(), "");
}

}  // namespace
}  // namespace liminal::document
