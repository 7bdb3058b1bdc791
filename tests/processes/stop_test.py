"""Asked to stop, a master leaves at once and in order; a stand-alone master keeps its registry."""

import signal
import time

from cluster import ProcessTest, main, wait_until
from registry import machine, machines_in, schedule
from zk import ZkClient


class Stop(ProcessTest):
    def candidates(self, zk):
        return [name for name in zk.children("/mesos") if name.startswith("json.info_")]

    def leave_by(self, number):
        zookeeper = self.world.start_zookeeper()
        # A session so long that only a closed one explains a node that is gone soon.
        masters = self.world.add_ensemble(3, "30secs")
        for master in masters:
            master.start()
        leader = self.world.wait_leader(30)
        with ZkClient(zookeeper.port) as zk:
            wait_until("three candidates", lambda: len(self.candidates(zk)) == 3, 10)

            leader.signal(number)
            self.assert_exits(leader, 0, seconds=5)

            self.assertEqual(len(self.candidates(zk)), 2)
        start = time.monotonic()
        self.world.wait_leader(5, other_than=leader)
        self.assertLess(time.monotonic() - start, 5)

    def test_on_sigterm_the_node_vanishes_at_once_and_another_leads(self):
        self.leave_by(signal.SIGTERM)

    def test_on_sigint_the_node_vanishes_at_once_and_another_leads(self):
        self.leave_by(signal.SIGINT)


class StandAlone(ProcessTest):
    def start(self, *flags):
        master = self.world.masters[0] if self.world.masters else self.world.add_master(*flags)
        master.start()
        self.world.wait_writable(20)
        return master

    def test_the_schedule_is_still_there_after_a_restart(self):
        master = self.start()
        self.assertEqual(master.ask("POST", "/maintenance/schedule", schedule(1, 2)).status, 200)
        self.assertEqual(master.ask("POST", "/machine/down", [machine(2)]).status, 200)
        self.assertEqual(master.stop(), 0, master.log_text())

        master = self.start()

        self.assertEqual(master.get("/maintenance/schedule").json(), schedule(1, 2))
        self.assertEqual(master.get("/maintenance/status").json()["down_machines"], [machine(2)])

    def test_the_schedule_is_still_there_after_a_kill(self):
        master = self.start()
        for round_number in range(1, 4):
            wanted = schedule(*range(1, round_number + 1))
            self.assertEqual(master.ask("POST", "/maintenance/schedule", wanted).status, 200)
            master.kill()
            master = self.start()
            self.assertEqual(master.get("/maintenance/schedule").json(), wanted)

    def test_an_in_memory_registry_forgets(self):
        master = self.start("--registry=in_memory")
        self.assertEqual(master.ask("POST", "/maintenance/schedule", schedule(1)).status, 200)
        self.assertEqual(machines_in(master.get("/maintenance/schedule").json()), ["host-1"])
        master.stop()

        master = self.start()

        self.assertEqual(master.get("/maintenance/schedule").json(), {})

    def test_it_leads_itself_and_says_so(self):
        master = self.start("--cluster=here")
        self.assertEqual(master.metric("master/elected"), 1.0)
        state = master.get("/state").json()
        self.assertEqual((state["cluster"], state["leader"]), ("here", f"master@127.0.0.1:{master.port}"))
        self.assertEqual(master.get("/redirect").status, 307)


if __name__ == "__main__":
    main()
