"""Three masters and a real ZooKeeper: what was acknowledged survives every loss of a leader."""

import signal
import time

from cluster import PATIENCE, ProcessTest, main, wait_until
from registry import down_in, machine, machines_in, schedule

SESSION_S = 4
LEADER_WITHIN_S = SESSION_S + 5


class Failover(ProcessTest):
    def setUp(self):
        super().setUp()
        self.zookeeper = self.world.start_zookeeper()
        self.masters = self.world.add_ensemble(3, f"{SESSION_S}secs")
        for master in self.masters:
            master.start()
        self.leader = self.world.wait_writable(30)

    def standbys(self):
        return [m for m in self.masters if m is not self.leader and m.running()]

    def write_through_a_standby(self):
        """A schedule over machines 1 and 2, then machine 1 down; both by following a redirect."""
        standby = self.standbys()[0]
        refused = standby.ask("POST", "/maintenance/schedule", schedule(1, 2))
        self.assertEqual(refused.status, 307, refused)
        self.assertEqual(refused.headers["Location"],
                         f"//127.0.0.1:{self.leader.port}/master/maintenance/schedule")
        done = standby.follow("POST", "/maintenance/schedule", schedule(1, 2))
        self.assertEqual(done.status, 200, done)
        done = standby.follow("POST", "/machine/down", [machine(1)])
        self.assertEqual(done.status, 200, done)

    def assert_finds_everything(self):
        found = self.leader.get("/maintenance/schedule")
        self.assertEqual((found.status, found.json()), (200, schedule(1, 2)))
        status = self.leader.get("/maintenance/status")
        self.assertEqual((status.status, down_in(status.json())), (200, ["host-1"]))

    def test_what_was_acknowledged_survives_every_loss(self):
        self.write_through_a_standby()
        self.assert_finds_everything()

        with self.subTest("the leader is killed"):
            dead = self.leader
            dead.kill()
            start = time.monotonic()
            self.leader = self.world.wait_leader(LEADER_WITHIN_S, other_than=dead)
            print(f"  new leader after {time.monotonic() - start:.1f} s", flush=True)
            self.leader = self.world.wait_writable(10)
            self.assert_finds_everything()
            dead.start()
            dead.wait_serving()

        with self.subTest("ZooKeeper stops"):
            self.zookeeper.stop()
            standbys = self.standbys()
            self.assert_exits(self.leader, 69, seconds=SESSION_S + 3)
            time.sleep(SESSION_S)
            for standby in standbys:
                self.assertTrue(standby.running(), standby.log_text())
                self.assertEqual(standby.get("/redirect").status, 503)
                self.assertEqual(standby.get("/maintenance/schedule").status, 503)
                self.assertEqual(standby.get("/health").status, 200)

        with self.subTest("ZooKeeper comes back"):
            self.zookeeper.start()
            self.leader.start()
            self.leader = self.world.wait_writable(LEADER_WITHIN_S + 10)
            self.assert_finds_everything()

        with self.subTest("all is stopped and started again"):
            for master in self.masters:
                self.assertEqual(master.stop(), 0, master.log_text())
            self.zookeeper.stop()
            self.zookeeper.start()
            for master in self.masters:
                master.start()
            self.leader = self.world.wait_writable(30)
            self.assert_finds_everything()
            # And the registry goes on from there.
            self.assertEqual(self.leader.ask("POST", "/machine/up", [machine(1)]).status, 200)
            self.assertEqual(machines_in(self.leader.get("/maintenance/schedule").json()), ["host-2"])

    def test_a_leader_paused_beyond_its_session_leaves_when_it_resumes(self):
        self.write_through_a_standby()
        paused = self.leader
        paused.signal(signal.SIGSTOP)
        self.leader = wait_until(
            "another master leads",
            lambda: next((m for m in self.masters if m is not paused and m.leads()), None),
            LEADER_WITHIN_S * PATIENCE)
        self.assertIsNone(paused.code())

        paused.signal(signal.SIGCONT)
        self.assert_exits(paused, 69, seconds=5)

        self.leader = self.world.wait_writable(10)
        self.assertIsNot(self.leader, paused)
        self.assert_finds_everything()


if __name__ == "__main__":
    main()
