"""quorate-log on the directory of a real master: looked at while it runs, carried over, helped up."""

import json
import os
import subprocess
from pathlib import Path

from cluster import BUILD, PATIENCE, ProcessTest, main
from registry import machines_in, schedule

TOOL = BUILD / "quorate-log"
BLOCK = 4096


def tool(*arguments, stdin=None):
    return subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True, input=stdin,
                          timeout=60 * PATIENCE)


def change(path, offset, bytes_):
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(bytes_)


class LogTool(ProcessTest):
    def start(self, **options):
        master = self.world.add_master(**options).start()
        self.world.wait_writable(20)
        return master

    def log_of(self, master):
        return master.work_dir / "replicated_log"

    def written(self):
        """A stand-alone master with three schedules written, stopped; and its log's directory."""
        master = self.start()
        for count in (1, 2, 3):
            self.assertEqual(
                master.ask("POST", "/maintenance/schedule", schedule(*range(count))).status, 200)
        self.assertEqual(master.stop(), 0, master.log_text())
        self.world.masters.remove(master)
        return master, self.log_of(master)

    def findings(self, directory, exit_code):
        done = tool("verify", "--json", directory)
        self.assertEqual(done.returncode, exit_code, done.stdout + done.stderr)
        return json.loads(done.stdout)["findings"]

    def test_looks_at_a_running_master_and_changes_nothing_of_it(self):
        master = self.start()
        self.assertEqual(master.ask("POST", "/maintenance/schedule", schedule(1)).status, 200)
        log = self.log_of(master)

        self.assertEqual(self.findings(log, 0), [])
        status = json.loads(tool("status", "--json", log).stdout)
        self.assertEqual(status["metadata"]["status"], "VOTING")
        self.assertGreater(status["positions"]["last"], 0)
        records = [json.loads(line) for line in tool("read", "--json", log).stdout.splitlines()]
        self.assertIn("genesis", [record.get("kind") for record in records])
        self.assertEqual(tool("export", log).returncode, 0)
        for refused in (tool("accept-loss", log, "--yes-i-lose-what-is-behind"),
                        tool("import", "-", log, stdin="")):
            self.assertEqual(refused.returncode, 78, refused.stderr)
        self.assertIn(str(master.pid), tool("accept-loss", log).stderr)
        self.assertEqual(master.ask("POST", "/maintenance/schedule", schedule(1, 2)).status, 200)

    def test_carries_a_log_over_to_another_master(self):
        _, log = self.written()
        archive = self.world.folder / "log.jsonl"
        self.assertEqual(tool("export", log, "--out", archive).returncode, 0)
        work_dir = self.world.folder / "other"
        os.makedirs(work_dir)
        other = work_dir / "replicated_log"

        done = tool("import", archive, other, "--json")

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.findings(other, 0), [])
        head = json.loads(archive.read_text().splitlines()[0])
        self.assertNotEqual(json.loads(done.stdout)["ensemble"], head["ensemble"])
        self.assertNotEqual(json.loads(done.stdout)["replica"], head["replica"])
        self.assertEqual(tool("import", archive, other).returncode, 78)
        master = self.start(name="other", work_dir=work_dir)
        self.assertEqual(len(machines_in(master.get("/maintenance/schedule").json())), 3)
        self.assertEqual(master.ask("POST", "/maintenance/schedule", schedule(7)).status, 200)

    def test_a_log_under_the_same_ensemble_is_exported_as_it_was(self):
        _, log = self.written()
        first = tool("export", log).stdout
        ensemble = json.loads(first.splitlines()[0])["ensemble"]
        other = self.world.folder / "same"

        self.assertEqual(tool("import", "-", other, "--ensemble", ensemble, stdin=first).returncode,
                         0)
        second = tool("export", other).stdout

        self.assertEqual(first.splitlines()[1:], second.splitlines()[1:])
        self.assertGreater(len(first.splitlines()), 4)

    def test_a_changed_or_shortened_archive_is_refused(self):
        _, log = self.written()
        lines = tool("export", log).stdout.splitlines()
        for number, bad in enumerate((lines[:-1], lines[:1] + lines[2:], ["{}"], [])):
            directory = self.world.folder / f"bad-{number}"
            done = tool("import", "-", directory, stdin="".join(line + "\n" for line in bad))
            self.assertEqual(done.returncode, 65, done.stderr)
            self.assertFalse(directory.exists())

    def test_says_where_a_log_is_damaged_and_what_would_be_lost(self):
        master, log = self.written()
        records = [json.loads(line) for line in tool("read", "--json", log).stdout.splitlines()]
        slots = [record for record in records if record["record"] == "slot"]
        victim = slots[-2]
        change(log / victim["file"], victim["offset"] + 600, b"\xa5" * 100)

        found = self.findings(log, 65)
        self.assertEqual([(f["verdict"], f["file"], f["offset"]) for f in found],
                         [("damaged", victim["file"], victim["offset"])])
        text = tool("verify", log)
        self.assertIn(f"{victim['file']} at byte {victim['offset']}", text.stdout)
        self.assertIn("--log_repair=peers", text.stdout)
        before = {path.name: path.read_bytes() for path in log.iterdir() if path.name != "lock"}
        dry = tool("accept-loss", log)
        self.assertEqual(dry.returncode, 65)
        self.assertIn("nothing was changed", dry.stdout)
        self.assertEqual(before, {path.name: path.read_bytes() for path in log.iterdir()
                                  if path.name != "lock"})

        done = tool("accept-loss", log, "--yes-i-lose-what-is-behind", "--json")

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["kept"], victim["position"] - 1)
        self.assertIn(f"{victim['file']} from byte {victim['offset']}",
                      (log / "report-cut").read_text())
        self.assertEqual(tool("verify", log).returncode, 0)
        again = self.start(name="again", work_dir=master.work_dir)
        self.assertEqual(again.get("/maintenance/schedule").status, 200)

    def test_a_master_with_a_damaged_log_ends_with_65(self):
        master, log = self.written()
        records = [json.loads(line) for line in tool("read", "--json", log).stdout.splitlines()]
        change(log / records[0]["file"], records[0]["offset"] + 600, b"\xa5" * 100)

        again = self.world.add_master(name="again", work_dir=master.work_dir).start()

        self.assert_exits(again, 65, seconds=10)
        self.assertIn(f"{records[0]['file']} at byte {records[0]['offset']}", again.log_text())

    def test_a_wrong_use_is_told_from_a_damaged_log(self):
        self.assertEqual(tool("verify").returncode, 64)
        self.assertEqual(tool("verify", "/no/such/directory").returncode, 74)
        self.assertEqual(tool("nonsense").returncode, 64)
        foreign = Path(self.world.folder / "foreign")
        foreign.mkdir()
        (foreign / "CURRENT").write_text("MANIFEST-000002\n")
        self.assertEqual(tool("verify", foreign).returncode, 78)
        help_text = tool("--help").stdout
        for said in ("Exit codes", "Examples", "accept-loss"):
            self.assertIn(said, help_text)


if __name__ == "__main__":
    main()
