"""quorate-sim leaves pictures: files that are whole, and a page that a real browser draws and filters."""

import html.parser
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import time
import unittest
import xml.etree.ElementTree as ElementTree
import zlib
from pathlib import Path

from cluster import BUILD, PATIENCE, ROOT, main

SIM = BUILD / "quorate-sim"
CHROMIUM = shutil.which("chromium")
PLACEHOLDER = re.compile(r'(<script type="application/json" id="trace">).*?(</script>)', re.DOTALL)
# Fails after 10 s, because a leader does not exit by itself.
FAILING = """scenario: too_hopeful
masters m1 m2 m3, quorum=2
at 0s start m1 m2 m3
expect one leader within 30s as L
client write via L -> 200
cut {other1} | {other2}
expect exit L code=69 within 5s
"""
EVENTS = 20_000
# The page is made for 2 s; the machine that tests it may be busy with other things.
LOAD_MS = 4 * 2000


def simulate(*arguments):
    return subprocess.run([SIM, "run", *map(str, arguments)], capture_output=True, text=True, cwd=ROOT,
                          timeout=120 * PATIENCE)


class Page(html.parser.HTMLParser):
    """The attributes of <html> and the text of elements with an id, out of a dumped DOM."""

    def __init__(self, text):
        super().__init__()
        self.attributes, self.texts, self._open = {}, {}, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "html":
            self.attributes = found
        if tag not in ("meta", "input", "link", "br"):
            self._open.append(found.get("id"))

    def handle_endtag(self, _):
        if self._open:
            self._open.pop()

    def handle_data(self, text):
        for name in filter(None, self._open):
            self.texts[name] = self.texts.get(name, "") + text

    def number(self, name):
        return int(self.attributes[f"data-{name}"])


def pixels(path):
    """Bytes per pixel, and the rows of a PNG with 8 bits a channel, its filters undone."""
    data = path.read_bytes()
    at, packed, width, height, depth = 8, b"", 0, 0, 0
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, _, colour = struct.unpack(">IIBB", body[:10])
            depth = {2: 3, 6: 4}[colour]
        if kind == b"IDAT":
            packed += body
        at += size + 12
    raw, rows, before = zlib.decompress(packed), [], bytearray(width * depth)
    for y in range(height):
        start = y * (width * depth + 1)
        kind, row = raw[start], bytearray(raw[start + 1:start + 1 + width * depth])
        for i in range(len(row)):
            left = row[i - depth] if i >= depth else 0
            corner = before[i - depth] if i >= depth else 0
            up = before[i]
            if kind == 1:
                row[i] = (row[i] + left) & 255
            elif kind == 2:
                row[i] = (row[i] + up) & 255
            elif kind == 3:
                row[i] = (row[i] + (left + up) // 2) & 255
            elif kind == 4:
                guess = left + up - corner
                near = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))
                row[i] = (row[i] + near[2]) & 255
        rows.append(bytes(row))
        before = row
    return depth, rows


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="quorate-picture-")
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name)
        self.scenario = self.path / "too_hopeful.scenario"
        self.scenario.write_text(FAILING)

    def test_a_failure_leaves_a_page_a_trace_and_a_junit_entry(self):
        done = simulate("--seeds=1..2", "--jobs=2", f"--html={self.path}/out",
                        f"--junit={self.path}/junit.xml", self.scenario)

        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        page = self.path / "out" / "too_hopeful-seed-1.html"
        self.assertIn(f"picture: {page}", done.stdout)
        self.assertLess(page.stat().st_size, 2 << 20)
        trace = json.loads(page.with_suffix(".json").read_text())
        self.assertEqual(trace["verdict"]["name"], "expectation not met")
        self.assertEqual(trace["verdict"]["line"], 7)
        self.assertIn(trace["run"]["replay"], done.stdout)
        report = ElementTree.parse(self.path / "junit.xml").getroot()
        self.assertEqual((report.get("tests"), report.get("failures")), ("2", "2"))
        self.assertIn("replay: ", report.find(".//failure").text)

    def test_a_run_that_passes_is_drawn_only_when_asked_for(self):
        passing = FAILING.replace("expect exit L code=69 within 5s", "expect no exit L for 1s")
        self.scenario.write_text(passing)
        simulate("--seed=1", f"--html={self.path}/out", self.scenario)
        self.assertFalse((self.path / "out").exists())

        simulate("--seed=1", f"--html={self.path}/out", "--html-all", self.scenario)
        self.assertTrue((self.path / "out" / "too_hopeful-seed-1.html").exists())

    def test_the_trace_of_one_run_is_the_same_each_time_and_of_several_there_is_none(self):
        traces = [self.path / name for name in ("a.json", "b.json")]
        for trace in traces:
            simulate("--seed=4", f"--trace={trace}", self.scenario)
        self.assertEqual(traces[0].read_bytes(), traces[1].read_bytes())

        done = simulate("--seeds=1..2", f"--trace={traces[0]}", self.scenario)
        self.assertEqual(done.returncode, 4)
        self.assertIn("these are 2 runs", done.stderr)

    def test_a_file_that_cannot_be_written_is_said(self):
        done = simulate("--seed=1", f"--trace={self.path}/none/t.json", self.scenario)
        self.assertIn("none/t.json: cannot be written", done.stdout)


@unittest.skipUnless(CHROMIUM, "chromium is not installed (ci/setup)")
class Browser(unittest.TestCase):
    """One page with 20 000 events, made out of a real trace of a failure."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="quorate-picture-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.path = Path(cls.folder.name)
        (cls.path / "too_hopeful.scenario").write_text(FAILING)
        simulate("--seed=1", f"--html={cls.path}", cls.path / "too_hopeful.scenario")
        page = (cls.path / "too_hopeful-seed-1.html").read_text()
        trace = json.loads((cls.path / "too_hopeful-seed-1.json").read_text())
        cls.marks = len(trace["marks"]["rows"])
        cls.grow(trace)
        text = json.dumps(trace, separators=(",", ":")).replace("<", "\\u003c")
        cls.page = cls.path / "page.html"
        cls.page.write_text(PLACEHOLDER.sub(lambda m: m[1] + text + m[2], page))

    @classmethod
    def grow(cls, trace):
        """Accepts between the masters, one beside the other, until there are 20 000 events; and a text
        that would end the script."""
        masters = [i for i, lane in enumerate(trace["lanes"]) if lane["kind"] == "master"]
        accept, rejected = (trace["message_kinds"].index(kind) for kind in ("accept", "rejected"))
        trace["texts"].append("</script><b>needle</b>")
        text, rows = len(trace["texts"]) - 1, trace["messages"]["rows"]
        missing = EVENTS - cls.marks - len(rows)
        for i in range(missing):
            at = i * trace["run"]["simulated_ns"] // missing
            needle = i == missing // 2
            rows.append([at, at + 2_000_000, masters[i % 3], masters[(i + 1) % 3],
                         rejected if needle else accept, text if needle else -1, 0, i + 1, i + 1])
        rows.sort()

    def chromium(self, view, *arguments):
        began = time.monotonic()
        done = subprocess.run(
            [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--disable-background-networking", f"--user-data-dir={self.path}/profile",
             "--window-size=1400,900", *arguments, f"file://{self.page}#{view}"],
            capture_output=True, text=True, timeout=90 * PATIENCE,
            env={**os.environ, "HOME": str(self.path)})
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        return done.stdout, time.monotonic() - began

    def look(self, view=""):
        return Page(self.chromium(view, "--dump-dom")[0])

    def test_opens_in_time_and_shows_the_verdict(self):
        page = self.look()

        self.assertEqual(page.attributes.get("data-ready"), "1")
        self.assertEqual(page.number("events"), EVENTS)
        print(f"{EVENTS} events, {self.page.stat().st_size >> 10} KiB: ready {page.number('load-ms')} ms after "
              f"navigation, {page.number('script-ms')} ms of them in the page's script")
        self.assertLess(self.page.stat().st_size, 2 << 20)
        self.assertLess(page.number("load-ms"), LOAD_MS * PATIENCE)
        self.assertEqual(page.texts["badge"], "expectation not met")
        self.assertIn("'exit L code=69' did not come within", page.texts["sentence"])
        self.assertIn("run --seed=1", page.texts["replay"])
        self.assertGreater(page.number("drawn"), EVENTS // 2)

    def test_filters_by_words_and_positions(self):
        everything = self.look().number("shown")
        by_word = self.look("filter=needle")
        by_position = self.look("filter=accept%20pos%3D700..709")

        self.assertGreater(everything, EVENTS // 2)
        self.assertEqual(by_word.number("shown"), 1)
        self.assertEqual(by_position.number("shown"), 10)

    def test_draws_only_what_is_in_view(self):
        page = self.look("from=5&to=5.05")
        self.assertGreater(page.number("drawn"), 10)
        self.assertLess(page.number("drawn"), 1000)

    def test_jumps_to_the_cause(self):
        whole, cause = self.look(), self.look("cause=1")
        self.assertLess(cause.number("to") - cause.number("from"),
                        (whole.number("to") - whole.number("from")) / 2)

    def test_the_picture_is_not_blank_light_and_dark(self):
        darkness = []
        for theme in ("light", "dark"):
            shot = self.path / f"{theme}.png"
            self.chromium(f"theme={theme}", "--virtual-time-budget=3000", f"--screenshot={shot}")
            depth, rows = pixels(shot)
            # The diagram: without header, lane names and side panel.
            colours = {row[x:x + 3] for row in rows[300:700] for x in range(120 * depth, 900 * depth, depth)}
            self.assertGreater(len(colours), 50, f"{theme}: blank")
            darkness.append(rows[880][200 * depth])
        self.assertGreater(darkness[0], 200)
        self.assertLess(darkness[1], 60)


if __name__ == "__main__":
    main()
