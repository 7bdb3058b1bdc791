"""quorate-bench measures the log over real processes, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from cluster import BUILD, PATIENCE, main, wait_until

BENCH = BUILD / "quorate-bench"


def replicas_in(directory):
    """The pids of replica processes whose logs lie below the directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue  # it has ended
        if f"--directory={directory}/".encode() in command:
            found.append(int(entry.name))
    return found


class Bench(unittest.TestCase):
    def setUp(self):
        # Below the build, on a real disk: a sync on tmpfs would cost nothing.
        self.folder = tempfile.TemporaryDirectory(dir=BUILD, prefix="bench-test-")
        self.addCleanup(self.folder.cleanup)

    def run_bench(self, *arguments):
        return subprocess.run([BENCH, *arguments], capture_output=True, text=True,
                              timeout=120 * PATIENCE)

    def test_prints_a_row_for_each_depth_and_removes_its_logs(self):
        done = self.run_bench("log", f"--dir={self.folder.name}", "--seconds=1", "--depth=1,16",
                              "--json")

        self.assertEqual(done.returncode, 0, done.stderr)
        rows = json.loads(done.stdout)["depths"]
        self.assertEqual([row["depth"] for row in rows], [1, 16])
        for row in rows:
            self.assertGreater(row["appends"], 0)
            self.assertAlmostEqual(row["appends"] / row["seconds"], row["appends_per_s"], delta=1)
            self.assertGreater(row["p50_us"], 0)
            self.assertLessEqual(row["p50_us"], row["p99_us"])
            self.assertLessEqual(row["p99_us"], row["p999_us"])
            self.assertGreater(row["cpu_us_per_append"], 0)
            self.assertGreater(row["disk_before"]["syncs_per_s"], 0)
            self.assertGreater(row["disk_after"]["sync_p50_us"], 0)
        # One after the other each append has a sync of its own; sixteen at once share some.
        self.assertAlmostEqual(rows[0]["syncs_per_append_per_replica"], 1, delta=0.2)
        self.assertLess(rows[1]["syncs_per_append_per_replica"], 0.8)
        self.assertEqual(os.listdir(self.folder.name), [])
        self.assertEqual(replicas_in(self.folder.name), [])

    def test_the_replicas_end_when_the_bench_is_killed(self):
        bench = subprocess.Popen([BENCH, "log", f"--dir={self.folder.name}", "--seconds=60"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(bench.wait)
        self.addCleanup(bench.kill)
        wait_until("three replicas", lambda: len(replicas_in(self.folder.name)) == 3, 20 * PATIENCE)

        bench.send_signal(signal.SIGKILL)

        wait_until("no replica", lambda: not replicas_in(self.folder.name), 10 * PATIENCE)

    def test_says_what_is_wrong_with_its_flags(self):
        done = self.run_bench("log", f"--dir={self.folder.name}", "--depth=none")

        self.assertEqual(done.returncode, 64)
        self.assertIn("--depth=none", done.stderr)

    def test_says_why_it_cannot_measure(self):
        done = self.run_bench("log", "--dir=/proc/none")

        self.assertEqual(done.returncode, 1)
        self.assertIn("/proc/none", done.stderr)


if __name__ == "__main__":
    main()
