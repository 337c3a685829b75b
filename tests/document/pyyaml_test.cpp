// The same texts read by PyYAML, the reader that Apache Liminal uses, and by ours: values, and which texts are refused.
#include <array>
#include <random>

#include <gtest/gtest.h>

#include "liminal/base/process.hpp"

#include "document/reading.hpp"

namespace liminal::document {
namespace {

// Reads a JSON list of texts and writes a JSON list of what PyYAML makes of each; null for a text that it refuses.
constexpr const char* script = R"(
import datetime, json, math, sys, yaml
def show(v):
    if isinstance(v, dict): return {k if isinstance(k, str) else 'key ' + str(k): show(x) for k, x in v.items()}
    if isinstance(v, list): return [show(x) for x in v]
    if isinstance(v, (datetime.datetime, datetime.date)): return v.isoformat()
    if isinstance(v, bytes): return v.decode()
    if isinstance(v, float) and not math.isfinite(v): return str(v)
    if isinstance(v, int) and not isinstance(v, bool) and not -2**63 <= v < 2**63: return str(v)
    return v
out = []
for text in json.load(sys.stdin):
    try: out.append([show(yaml.safe_load(text))])
    except (yaml.YAMLError, ValueError): out.append(None)
json.dump(out, sys.stdout)
)";

std::optional<Json> read_by_pyyaml(const std::vector<std::string>& texts) {
  std::string output;
  ProcessRequest request;
  request.arguments = {"/usr/bin/python3", "-c", script};
  request.environment = {{"PATH", "/usr/bin:/bin"}};
  request.input = Json(texts).dump();
  request.on_output = [&](std::string_view line) { output += line; };
  NativeProcessRunner runner("/usr/bin:/bin");
  const auto outcome = runner.run(request);
  if (!outcome || outcome->exit_status != 0) return std::nullopt;
  return Json::parse(output);
}

// The value under `v`, as JSON whose numbers are compared as Python printed them.
void expect_same(const std::vector<std::string>& texts) {
  const auto theirs = read_by_pyyaml(texts);
  if (!theirs) GTEST_SKIP() << "python3-yaml is not installed";
  ASSERT_EQ(theirs->size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Reading reading = read(texts[i]);
    const Json& expected = (*theirs)[i];
    if (expected.is_null()) {
      EXPECT_FALSE(reading.findings.empty()) << "only PyYAML refuses:\n" << texts[i];
      continue;
    }
    EXPECT_EQ(reading.found(), "") << "only we refuse:\n" << texts[i];
    if (!reading.findings.empty()) continue;
    const Json ours = reading.document->root() == nullptr ? Json() : Value::of(reading.root()).json();
    EXPECT_EQ(nlohmann::json(ours), nlohmann::json(expected[0])) << texts[i];
  }
}

TEST(PyYaml, AgreesAboutPlainScalars) {
  std::mt19937 random(1);
  constexpr std::array<std::string_view, 3> alphabets{"0123456789:._+-eExXbBoO_ayYnNtT~", "0123456789:._+-e",
                                                      "0157:_."};
  std::vector<std::string> texts;
  for (int i = 0; i < 6000; ++i) {
    const std::string_view characters = alphabets[random() % alphabets.size()];
    std::string scalar(1 + random() % 9, '0');
    for (char& c : scalar) c = characters[random() % characters.size()];
    if (scalar.find_first_of(":-") == 0 || scalar.ends_with(':') || scalar == "---") continue;
    texts.push_back("v: " + scalar + "\n");
  }
  for (const std::string_view word :
       {"yes", "YES",  "Yes", "yEs",  "no",   "on",    "off",   "Off", "true", "null", "NULL",
        "~",   "Null", "nan", ".nan", ".Inf", "-.inf", "+.INF", "y",   "n",    "none", "None"}) {
    texts.push_back("v: " + std::string(word) + "\n");
  }
  for (const std::string_view stamp :
       {"2001-12-14", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.10 -5", "2001-12-15 2:59:43.10",
        "2001-12-14T21:59:43Z", "2001-12-14 21:59:43.1234567", "2001-1-1 1:00:00", "2001-1-1"}) {
    texts.push_back("v: " + std::string(stamp) + "\n");
  }
  expect_same(texts);
}

std::string pick(std::mt19937& random, const std::vector<std::string>& words) {
  return words[random() % words.size()];
}

std::string words(std::mt19937& random, const std::vector<std::string>& from, std::size_t most) {
  std::string text;
  for (std::size_t count = random() % (most + 1); count > 0; --count) text += pick(random, from);
  return text;
}

TEST(PyYaml, AgreesAboutQuotedAndFoldedScalars) {
  std::mt19937 random(2);
  const std::vector<std::string> common{"a",   "b c", "  ", "\n  ",    "\n\n  ",  " \n  ",
                                        "x:y", "-",   "#",  "{{ z }}", "\xc3\xa9"};
  std::vector<std::string> single = common;
  single.insert(single.end(), {"''", "\"", "\\"});
  std::vector<std::string> doubled = common;
  doubled.insert(doubled.end(), {"'", "\\n", "\\t", "\\\"", "\\\\", "\\x41", "\\u00e9", "\\U0001F377", "\\\n  ", "\\ ",
                                 "\\N", "\\_", "\\/"});
  const std::vector<std::string> plain{"a", "b c", "\n  ", "\n\n  ", " \n   ", "x:y", "'", "\"", "\xc3\xa9", "-"};
  std::vector<std::string> texts;
  for (int i = 0; i < 1500; ++i) {
    texts.push_back("v: '" + words(random, single, 8) + "'\nw: 1\n");
    texts.push_back("v: \"" + words(random, doubled, 8) + "\"\nw: 1\n");
    texts.push_back("v: a" + words(random, plain, 8) + "b\nw: 1\n");
    texts.push_back("v: ['" + words(random, single, 5) + "', \"" + words(random, doubled, 5) + "\"]\n");
  }
  expect_same(texts);
}

TEST(PyYaml, AgreesAboutBlockScalars) {
  std::mt19937 random(3);
  std::vector<std::string> texts;
  for (int i = 0; i < 4000; ++i) {
    std::string text = pick(random, {"v: ", "- ", "- v: ", "v:\n  w: ", "v:\n- "});
    text += pick(random, {"|", ">"}) + pick(random, {"", "+", "-", "2", "2-", "+1", "", ""}) +
            pick(random, {"", " # c", " "});
    text += '\n';
    for (std::size_t lines = random() % 7; lines > 0; --lines) {
      text += pick(random,
                   {"    a", "    b c", "     more", "", "  ", "      ", "    # no comment", "    x: y", "    - z"});
      text += '\n';
    }
    if (random() % 4 == 0) text += "    end";
    texts.push_back(std::move(text));
  }
  expect_same(texts);
}

TEST(PyYaml, AgreesAboutStructure) {
  const std::vector<std::string> texts{
      "a: &x {b: 1}\nc: {<<: *x, d: 2}\n",
      "a: &x {b: 1}\nc: {<<: [*x, {b: 2, e: 3}], b: 5}\n",
      "a:\n- 1\n-\n- - 2\n  - 3\n",
      "? a\n: b\n? c\n",
      "{a, b: , c: 1}\n",
      "[a: 1, b]\n",
      "a: [1, 2,]\nb: {}\nc: []\n",
      "a: # comment\n  b\n",
      "--- # start\na: 1\n...\n",
      "%YAML 1.1\n---\na: 1\n",
      "a: 1\n---\nb: 1\n",
      "a: *b\n",
      "a: [1\n",
      "a: }\n",
      "a: b: c\n",
      "a: 1\n b: 2\n",
      "a:\n  b: 1\n c: 2\n",
      "- a\nb: 1\n",
      "a: 'x\n",
      "a: \"\\q\"\n",
      "a: !foo 1\n",
      "a: !!str 1\nb: !!int '2'\nc: !!float 3\n",
      "a: \"x\"y\n",
      "a: @b\n",
      "a: %b\n",
      "a: |x\n",
      "{{x}}: 1\n",
      "a: b #c\nd: e#f\n",
      "a: >\n\n  x\n",
  };
  expect_same(texts);
}

}  // namespace
}  // namespace liminal::document
