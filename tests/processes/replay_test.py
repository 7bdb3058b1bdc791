"""A real incident, recorded by the masters themselves, is lived through again in the simulator."""

import json
import subprocess
import time

from cluster import BUILD, PATIENCE, ProcessTest, main, wait_until
from registry import machine, schedule

SESSION_S = 4
SAFETY_CODE = 69  # cut off from ZooKeeper


def replay(folder, *options):
    """Exit code and JSON of quorate-sim replay."""
    done = subprocess.run([BUILD / "quorate-sim", "replay", folder, "--json", *options],
                          capture_output=True, text=True, timeout=120 * PATIENCE)
    return done.returncode, json.loads(done.stdout) if done.stdout else {"error": done.stderr}


class Incident(ProcessTest):
    def setUp(self):
        super().setUp()
        self.zookeeper = self.world.start_zookeeper()
        self.folders = {}
        self.masters = []
        for number in (1, 2, 3):
            folder = self.world.folder / f"events-{number}"
            master = self.world.add_master(
                f"--zk=zk://user:open@sesame@127.0.0.1:{self.zookeeper.port}/mesos", "--quorum=2",
                f"--zk_session_timeout={SESSION_S}secs", f"--record_dir={folder}")
            self.masters.append(master)
            self.folders[master] = folder
            master.start()
        self.leader = self.world.wait_writable(30)

    def test_a_fail_fast_is_replayed_event_by_event(self):
        secret = {"Authorization": "Basic c2VzYW1lOm9wZW4="}
        done = self.leader.ask("POST", "/maintenance/schedule", schedule(1, 2), headers=secret)
        self.assertEqual(done.status, 200, done)
        self.assertEqual(self.leader.follow("POST", "/machine/down", [machine(1)]).status, 200)
        killed = next(m for m in self.masters if m is not self.leader)
        killed.kill()
        self.zookeeper.stop()
        self.assertEqual(self.leader.wait_exit(SESSION_S * 2 + 5), SAFETY_CODE)

        with self.subTest("the leader ended by itself: the replay ends with the same words"):
            code, told = replay(self.folders[self.leader])
            self.assertEqual(code, 0, told)
            self.assertTrue(told["same_effects"], told)
            self.assertEqual(told["exit_code"], SAFETY_CODE, told)
            self.assertIn(told["end"].split("): ")[1], self.leader.log_text())
            print(f"  {told['events']} events in {told['lasted_ns'] / 1e9:.1f} s", flush=True)

        with self.subTest("asked in the middle, it shows its state of then"):
            code, middle = replay(self.folders[self.leader], f"--event={told['events'] - 5}")
            self.assertEqual(code, 0, middle)
            metrics = json.loads(middle["answer"].split("\r\n\r\n", 1)[1])
            self.assertEqual(metrics["master/elected"], 1)
            self.assertGreater(metrics["quorate/log/learned_position"], 2)

        with self.subTest("a killed master has recorded all that it was given"):
            code, told = replay(self.folders[killed])
            self.assertEqual(code, 0, told)
            self.assertIn("while the master runs", told["end"])

        with self.subTest("no secret is in any recording"):
            for folder in self.folders.values():
                for file in folder.glob("boot-*/*"):
                    packed = file.read_bytes()
                    self.assertNotIn(b"c2VzYW1l", packed, file)
                    self.assertNotIn(b"sesame", packed, file)

    def test_another_seed_is_another_life(self):
        self.leader.kill()
        boot = next(self.folders[self.leader].glob("boot-*/boot.json"))
        said = json.loads(boot.read_text())
        said["seed"] = str(int(said["seed"]) ^ 1)
        boot.write_text(json.dumps(said))
        code, told = replay(self.folders[self.leader])
        self.assertEqual(code, 6, told)
        self.assertIn("recorded", told["difference"])


if __name__ == "__main__":
    main()
