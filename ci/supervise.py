"""Runs a ZooKeeper server and three masters on loopback, restarts what ends by the exit code table of
docs/architecture.md ("How a master ends"), prints who leads, and stops all of it on Ctrl-C or SIGTERM."""

import os
import signal
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "processes"))
from cluster import HOST, World, ZooKeeper  # noqa: E402

# Exit code: seconds until the restart; None: a person must look.
RESTART = {0: None, 64: None, 65: None, 69: 0, 74: 10, 75: 3, 77: None, 78: None}
AFTER_A_SIGNAL = 1  # killed, or SIGABRT: a broken invariant


def say(text):
    print(time.strftime("%H:%M:%S"), text, flush=True)


class Supervised:
    def __init__(self, process):
        self.process = process
        self.restart_at = None  # monotonic; None: it runs, or stays down

    def look(self):
        now = time.monotonic()
        if self.restart_at is not None and now >= self.restart_at:
            self.restart_at = None
            self.process.start()
            say(f"{self.process.name}: started again, process {self.process.pid}")
        elif self.restart_at is None and not self.process.running() and self.process.expected:
            self._ended(now)

    def _ended(self, now):
        code = self.process.code()
        delay = AFTER_A_SIGNAL if code < 0 else RESTART.get(code, AFTER_A_SIGNAL)
        how = f"by signal {-code}" if code < 0 else f"with code {code}"
        lines = [line for line in self.process.log_text().splitlines() if line.strip()]
        if lines and code > 0:
            say(f"{self.process.name}: {lines[-1].strip()}")
        if delay is None:
            self.process.expected = False
            say(f"{self.process.name}: ended {how} and stays down; log: {self.process.log}")
        else:
            self.restart_at = now + delay
            say(f"{self.process.name}: ended {how}; starts again in {delay} s")


def print_summary(world):
    base = os.path.relpath(world.folder)
    print(f"\n  ZooKeeper      {HOST}:{world.zookeeper.port}, process {world.zookeeper.pid}")
    for master in world.masters:
        print(f"  {master.name}             http://{HOST}:{master.port}/, process {master.pid}, "
              f"log {os.path.relpath(master.log)}")
    print(f"\n  data:   {base}\n  try:    curl -L http://{HOST}:{world.masters[1].port}/state\n"
          "          kill -9 the leader's process and see who leads then\n"
          "  stop:   Ctrl-C here, or: kill", os.getpid(), "\n", flush=True)


def watch(world, stopping):
    supervised = [Supervised(process) for process in world.processes]
    last = "nobody yet"
    while not stopping:
        for one in supervised:
            one.look()
        leader = world.leader()
        known = f"{leader.name} (http://{HOST}:{leader.port}/)" if leader else "nobody"
        if known != last:
            say(f"leader: {known}")
            last = known
        time.sleep(0.3)


def main():
    folder = ROOT / "var" / "cluster"
    folder.mkdir(parents=True, exist_ok=True)
    stopping = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.append(True))

    world = World(folder)
    world.zookeeper = ZooKeeper(folder / "zookeeper", int(os.environ.get("ZOOKEEPER_PORT", 2181)))
    world.processes.append(world.zookeeper)
    first_port = int(os.environ.get("PORT", 5050))
    for number in range(3):
        world.add_master(f"--zk=zk://{HOST}:{world.zookeeper.port}/mesos", "--quorum=2",
                         *sys.argv[1:], port=first_port + number)
    try:
        for process in world.processes:
            process.expected = True
            process.start()
            if stopping:
                return 0
        print_summary(world)
        watch(world, stopping)
        say("stopping")
    except AssertionError as error:
        print(f"ci/cluster: {error}", file=sys.stderr)
        return 1
    finally:
        world.close()
        say("all stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
