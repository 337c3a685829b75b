"""What liminal reports is read by the programs that CI systems read it with."""

import json
import pathlib
import unittest
import xml.etree.ElementTree

from support import CORPUS, SOURCE, EndToEnd, programs, put_mistake_in, run

# How GitLab reads JUnit: Rails' Hash.from_xml.
HASH_FROM_XML = """
require "active_support"
require "active_support/core_ext/hash/conversions"
require "json"
puts JSON.generate(Hash.from_xml(File.read(ARGV[0])))
"""


def as_list(value):
    return value if isinstance(value, list) else [value]


class Reports(EndToEnd):
    def folders(self):
        """Every folder of the corpus, and the example with a mistake and without."""
        faulty = self.example("faulty")
        put_mistake_in(faulty)
        return [*(one for one in sorted(CORPUS.iterdir()) if one.is_dir()), self.example(), faulty]

    def reports(self, kind, suffix):
        result = []
        for folder in self.folders():
            file = self.work / f"{folder.name}.{suffix}"
            self.liminal("validate", "--no-check-files", "--report", f"{kind}={file}", cwd=folder, status=None)
            if file.exists():  # a folder without a file to check is a usage error and has no report
                result.append(file)
        self.assertGreater(len(result), 5)
        return result

    def test_sarif_fits_the_schema_of_the_standard(self):
        schema = programs("node-programs").parent / "node-sarif-builder/dist/sarif-schema-2.1.0.json"
        run(programs("python-programs") / "check-jsonschema", "--schemafile", schema, *self.reports("sarif", "sarif"))

    def test_sarif_is_accepted_by_microsofts_multitool(self):
        files = self.reports("sarif", "sarif")
        findings = self.work / "multitool.sarif"
        run(programs("node-programs") / "sarif-multitool", "validate", *files, "--output", findings, "--log", "ForceOverwrite",
            status=None)  # fmt: skip
        log = json.loads(findings.read_text(encoding="utf-8-sig"))
        errors = [
            f"{result['ruleId']}: {result['locations'][0]['physicalLocation']['artifactLocation']['uri']}: {result['message']}"
            for one in log["runs"]
            for result in one.get("results", [])
            if result.get("level", "warning") == "error"
        ]
        self.assertEqual(errors, [])

    def test_junit_is_read_by_rails_and_by_a_strict_parser(self):
        script = self.work / "read.rb"
        script.write_text(HASH_FROM_XML)
        for file in self.reports("junit", "xml"):
            with self.subTest(file.name):
                suites = json.loads(run("ruby", script, file).stdout)["testsuites"]["testsuite"]
                by_rails = [case["name"] for suite in as_list(suites) for case in as_list(suite["testcase"])]
                root = xml.etree.ElementTree.parse(file).getroot()
                self.assertEqual(by_rails, [case.get("name") for case in root.iter("testcase")])
                self.assertTrue(by_rails)

    def test_junit_has_the_mistake_as_a_failure(self):
        faulty = self.example("wrong")
        line = put_mistake_in(faulty)
        file = self.work / "wrong.xml"
        self.liminal("validate", "--report", f"junit={file}", cwd=faulty, status=1)
        failures = list(xml.etree.ElementTree.parse(file).getroot().iter("failure"))
        self.assertEqual(len(failures), 1)
        self.assertIn(f"liminal.yml:{line}:", (failures[0].text or "") + failures[0].get("message", ""))

    def test_json_fits_the_published_schema(self):
        schema = SOURCE / "schema/liminal-report.schema.json"
        run(programs("python-programs") / "check-jsonschema", "--schemafile", schema, *self.reports("json", "json"))

    def test_gitlab_finds_all_it_needs_in_the_code_quality_report(self):
        for file in self.reports("gitlab", "gitlab.json"):
            fingerprints = set()
            for one in json.loads(pathlib.Path(file).read_text()):
                self.assertTrue(one["description"] and one["check_name"])
                self.assertIn(one["severity"], {"info", "minor", "major", "critical", "blocker"})
                self.assertFalse(one["location"]["path"].startswith(("/", "./")))
                self.assertGreater(one["location"]["lines"]["begin"], 0)
                self.assertNotIn(one["fingerprint"], fingerprints)
                fingerprints.add(one["fingerprint"])


if __name__ == "__main__":
    unittest.main()
