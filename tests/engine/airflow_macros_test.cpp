#include "liminal/engine/airflow_macros.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace liminal::engine {
namespace {

using ::testing::HasSubstr;

MacroContext context() {
  MacroContext result;
  result.dag_id = "wine";
  result.task_id = "train";
  result.run_id = "manual__1";
  result.try_number = 2;
  result.logical_date = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + std::chrono::hours{6};
  result.data_interval_start = result.logical_date;
  result.data_interval_end = result.logical_date + std::chrono::days{1};
  result.variables = {{"bucket", "b1"}, {"a.b-c", "dotted"}};
  result.params = {{"rate", "0.5"}};
  return result;
}

std::string rendered(std::string_view text) {
  const auto result = render_macros(text, context());
  return result ? *result : "error: " + result.error().message;
}

struct Example {
  const char* text;
  const char* expected;
};

class AirflowMacros : public ::testing::TestWithParam<Example> {};

TEST_P(AirflowMacros, RendersAsAirflowDoes) {
  EXPECT_EQ(rendered(GetParam().text), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Family, AirflowMacros,
    ::testing::Values(Example{"{{ ds }}", "2026-03-01"}, Example{"{{ds_nodash}}", "20260301"},
                      Example{"{{ ts }}", "2026-03-01T06:00:00+00:00"}, Example{"{{ ts_nodash }}", "20260301T060000"},
                      Example{"{{ ts_nodash_with_tz }}", "20260301T060000+0000"},
                      Example{"{{ logical_date }}", "2026-03-01 06:00:00+00:00"},
                      Example{"{{ execution_date.isoformat() }}", "2026-03-01T06:00:00+00:00"},
                      Example{"{{ data_interval_end | ds }}", "2026-03-02"},
                      Example{"{{ data_interval_start | ts_nodash }}", "20260301T060000"},
                      Example{"{{ prev_ds }} {{ next_ds_nodash }}", "2026-03-01 20260301"},
                      Example{"{{ yesterday_ds }} {{ tomorrow_ds_nodash }}", "2026-02-28 20260302"},
                      Example{"{{ run_id }} {{ dag_run.run_id }}", "manual__1 manual__1"},
                      Example{"{{ dag.dag_id }}.{{ task.task_id }}.{{ ti.try_number }}", "wine.train.2"},
                      Example{"{{ params.rate }} {{ dag_run.conf['rate'] }}", "0.5 0.5"},
                      Example{"{{ dag_run.conf.get('none', 'x') }}", "x"}, Example{"{{ var.value.bucket }}", "b1"},
                      Example{"{{ macros.ds_add(ds, -1) }}", "2026-02-28"},
                      Example{"{{ macros.ds_format(ds, '%Y-%m-%d', '%d.%m.%y') }}", "01.03.26"},
                      Example{"{{ logical_date.strftime('%j %H:%M %%') }}", "060 06:00 %"},
                      Example{"{{ (logical_date - macros.timedelta(days=1, hours=6)) | ts }}",
                              "2026-02-28T00:00:00+00:00"},
                      Example{"{{ logical_date.add(days=1).year }}", "2026"},
                      Example{"{{ params.nothing | default(3) }}", "3"}, Example{"{{ 'a}}b' ~ (1 + 2) }}", "a}}b3"},
                      Example{"{{ bucket | upper | replace('B', 'c') }}", "c1"},
                      Example{"{{ bucket }}/{{ a.b-c }}", "b1/dotted"}));

INSTANTIATE_TEST_SUITE_P(Text, AirflowMacros,
                         ::testing::Values(Example{"", ""}, Example{"plain { } ${x} %} }}\n", "plain { } ${x} %} }}\n"},
                                           Example{"a {{- ' ' -}} b", "a b"},
                                           Example{"a {{ ' ' }} {{- ds -}} {{ ' ' }} b", "a  2026-03-01  b"},
                                           Example{"{% raw -%}  {{ ds }} {% if %}{% endraw %}!",
                                                   "{{ ds }} {% if %}!"}));

// As the DAG file has them quoted (QuotesBracesOfOtherPrograms in airflow_dag_test.cpp).
INSTANTIATE_TEST_SUITE_P(OfOtherPrograms, AirflowMacros, ::testing::ValuesIn([] {
                           std::vector<Example> same;
                           for (const char* text :
                                {"docker ps --format '{{.Names}}'", "{{- .Values.x -}}  {{ key | toJSON }}",
                                 "echo ${#name} {# note #}", "{{ nothing | default('d') }}", "{{ }}", "{% stray",
                                 "{% raw %} {% autoescape %}", "awk '{{ print }'", "{{ ds @ 1 }}"})
                             same.push_back({text, text});
                           return same;
                         }()));

TEST(AirflowMacrosErrors, NameWhatIsNotKnownAndWhatIs) {
  const auto result = render_macros("run {{ dss }}", context());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::usage);
  EXPECT_EQ(result.error().message, "`{{ dss }}` cannot be rendered");
  EXPECT_THAT(result.error().causes.at(0), HasSubstr("`dss` is not known"));
  EXPECT_THAT(result.error().advice, HasSubstr("yesterday_ds"));
}

class AirflowMacrosMistakes : public ::testing::TestWithParam<const char*> {};

TEST_P(AirflowMacrosMistakes, AreToldRatherThanGuessed) {
  EXPECT_FALSE(render_macros(GetParam(), context()));
}

INSTANTIATE_TEST_SUITE_P(Hostile, AirflowMacrosMistakes,
                         ::testing::Values("{{ ds ds }}", "{{ ds | shell }}", "{{ macros }}",
                                           "{{ macros.ds_add('x', 1) }}", "{{ macros.ds_add(ds, 99999999999999) }}",
                                           "{{ conn.my_db.password }}", "{{ params.nothing }}", "{{ ds.__class__ }}",
                                           "{{ macros.timedelta(days=99999999999999999) }}",
                                           "{{ 99999999999999999999 }}", "{% if x %}a{% endif %}",
                                           "{% for x in params %}{{ x }}{% endfor %}",
                                           "{{ logical_date.strftime('%Q') }}", "{{ ds( }}", "{{ ds() }}"));

TEST(AirflowMacrosErrors, OfParamsNameTheOption) {
  const auto rendered = render_macros("{{ params.nothing }}", context());
  ASSERT_FALSE(rendered);
  EXPECT_NE((rendered.error().message + rendered.error().advice).find("--param nothing=VALUE"), std::string::npos);
}

TEST(AirflowMacrosErrors, NestingIsBounded) {
  EXPECT_FALSE(render_macros("{{ " + std::string(100'000, '(') + "ds" + std::string(100'000, ')') + " }}", context()));
}

}  // namespace
}  // namespace liminal::engine
