#!/usr/bin/env python3
"""What liminal reports is read by the programs that CI systems read it with, over the corpus, the example, and hostile text."""

import json
import xml.etree.ElementTree

from support import CORPUS, SOURCE, EndToEnd, main, programs, put_mistake_in, run

KINDS = {"junit": "xml", "sarif": "sarif", "json": "json", "gitlab": "gitlab.json", "github": "github", "markdown": "md"}

# GitLab reads JUnit with Rails' Hash.from_xml, and then takes the keys that it wants out of each case.
READ_AS_GITLAB = """
require "active_support"
require "active_support/core_ext/hash/conversions"
require "json"
def cases(root, &block)
  return if root.nil?
  Array.wrap(root.is_a?(Hash) ? root["testsuite"] : nil).each do |suite|
    cases(suite, &block)
    Array.wrap(suite["testcase"]).each(&block)
  end
end
report = Hash.from_xml(File.read(ARGV[0]))
found = []
cases(report["testsuites"] || report) { |one| found << one }
puts JSON.generate(found)
"""

# Characters that end, break or command what they are printed in.
HOSTILE = r"""
name: "shop ]]> &amp; <b>\e[31m\u202e\x00::error::x"
pipelines:
  - pipeline: "a\n##[error]b"
    start_date: 2026-01-01
    timeout_minutes: 30
    tasks:
      - task: "yaml"
        type: python
        image: "<img src=x> | `x` @team \ud83d\ude00"
        cmd: "a"
        "enviro]]>\x07nment": {}
"""


class Reports(EndToEnd):
    def setUp(self):
        super().setUp()
        faulty = self.example("faulty")
        self.line_of_mistake = put_mistake_in(faulty)
        hostile = self.work / "hostile #1?%41"
        hostile.mkdir()
        (hostile / "liminal.yml").write_text(HOSTILE)
        corpus = {one.name: one for one in sorted(CORPUS.iterdir()) if one.is_dir()}
        self.folders = {**corpus, "example": self.example(), "faulty": faulty, "hostile": hostile}
        for name, folder in self.folders.items():
            options = [part for kind in KINDS for part in ("--report", f"{kind}={self.report(name, kind)}")]
            self.liminal("validate", *options, cwd=folder, status=None)

    def report(self, name, kind):
        return self.work / f"{name}.{KINDS[kind]}"

    def reports(self, kind):
        """Every one was written: a run that finds nothing to check reports that, too."""
        files = [self.report(name, kind) for name in self.folders]
        self.assertEqual([file.name for file in files if not file.is_file()], [])
        return files

    def test_sarif_fits_the_schema_of_the_standard(self):
        schema = programs("node-programs").parent / "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
        check = programs("python-programs") / "check-jsonschema"
        run(check, "--regex-variant", "python", "--schemafile", schema, *self.reports("sarif"))

    def test_sarif_is_accepted_by_microsofts_multitool(self):
        found = self.work / "multitool.sarif"
        multitool = programs("node-programs") / "sarif-multitool"
        said = run(multitool, "validate", *self.reports("sarif"), "--output", found, "--log", "ForceOverwrite", status=None)
        log = json.loads(found.read_text(encoding="utf-8-sig"))
        results = [result for one in log["runs"] for result in one.get("results", [])]
        self.assertEqual([one for one in results if one.get("level", "warning") == "error"], [])
        self.assertIn(f"{len(self.folders)} files scanned", said.stdout)

    def test_junit_is_read_as_gitlab_reads_it(self):
        script = self.work / "read.rb"
        script.write_text(READ_AS_GITLAB)
        for file in self.reports("junit"):
            with self.subTest(file.name):
                cases = json.loads(run("ruby", script, file).stdout)
                written = xml.etree.ElementTree.parse(file).getroot()
                self.assertEqual([one["name"] for one in cases], [one.get("name") for one in written.iter("testcase")])
                self.assertTrue(cases)
                keys = [(one["classname"], one["name"]) for one in cases]
                self.assertEqual(len(keys), len(set(keys)), "GitLab keeps the first of two cases with one name")
                for one in cases:
                    for verdict in {"failure", "error", "skipped"} & one.keys():
                        # A Hash or a number here is a text that GitLab does not show.
                        self.assertIsInstance(one[verdict], str)
                        self.assertTrue(one[verdict].strip())

    def test_junit_is_read_by_strict_parsers(self):
        count = "import sys, junitparser as j; print(*[sum(len(s) for s in j.JUnitXml.fromfile(f)) for f in sys.argv[1:]])"
        files = self.reports("junit")
        run("xmllint", "--noout", "--nonet", *files)
        counts = run(programs("python-programs") / "python", "-c", count, *files).stdout.split()
        expected = [len(list(xml.etree.ElementTree.parse(file).getroot().iter("testcase"))) for file in files]
        self.assertEqual([int(one) for one in counts], expected)

    def test_the_mistake_is_a_failure_at_its_place(self):
        root = xml.etree.ElementTree.parse(self.report("faulty", "junit")).getroot()
        (failure,) = root.iter("failure")
        self.assertIn(f"liminal.yml:{self.line_of_mistake}:", failure.text)
        self.assertIn("env_vars", failure.text)
        log = json.loads(self.report("faulty", "sarif").read_text())
        (result,) = log["runs"][0]["results"]
        place = result["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"]["uri"], "liminal.yml")
        self.assertEqual(place["region"]["startLine"], self.line_of_mistake)

    def test_json_fits_the_published_schema(self):
        schema = SOURCE / "schema/liminal-report.schema.json"
        run(programs("python-programs") / "check-jsonschema", "--schemafile", schema, *self.reports("json"))

    def test_code_quality_has_all_that_gitlab_needs(self):
        for file in self.reports("gitlab"):
            with self.subTest(file.name):
                findings = json.loads(file.read_text())
                for one in findings:
                    self.assertTrue(one["description"] and one["check_name"])
                    self.assertIn(one["severity"], {"info", "minor", "major", "critical", "blocker"})
                    self.assertFalse(one["location"]["path"].startswith(("/", "./")))
                    self.assertGreater(one["location"]["lines"]["begin"], 0)
                fingerprints = [one["fingerprint"] for one in findings]
                self.assertEqual(len(fingerprints), len(set(fingerprints)))
        self.assertEqual(len(json.loads(self.report("faulty", "gitlab").read_text())), 1)

    def test_no_text_of_the_repository_becomes_a_command_or_an_escape(self):
        for kind in KINDS:
            text = self.report("hostile", kind).read_bytes().decode()
            for forbidden in ("\x1b", "\x07", "\x00", "\u202e"):
                self.assertNotIn(forbidden, text, kind)
        for line in self.report("hostile", "github").read_text().splitlines():
            self.assertRegex(line, r"^::(error|warning|notice) (file=|title=)|^$")
            self.assertNotIn("##[", line)


if __name__ == "__main__":
    main()
