"""Real processes for tests and for `make cluster`: a ZooKeeper server and masters on loopback.

Every process is ended by its pid when its World closes, also on failure, and by the kernel if the
test itself is killed. Ports are picked below the range that the kernel gives to outgoing connections,
and held by a lock file, so that tests may run side by side."""

import ctypes
import fcntl
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("QUORATE_BUILD", ROOT / "build" / "release")).resolve()
HOST = "127.0.0.1"

# Sanitized programs are several times slower; bounds that are not the product's own stretch by this.
PATIENCE = float(os.environ.get("QUORATE_PATIENCE", "1"))


def wait_until(what, question, seconds, pause=0.05):
    """The first true answer; AssertionError if there is none in time."""
    end = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(pause)


_port_locks = []


def free_port():
    """A TCP port that no one uses now and no other test picks while this process lives."""
    for port in random.SystemRandom().sample(range(12000, 32000), 500):
        lock = open(Path(tempfile.gettempdir()) / f"quorate-port-{port}.lock", "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.bind((HOST, port))
        except OSError:
            lock.close()
            continue
        _port_locks.append(lock)
        return port
    raise RuntimeError("no free port between 12000 and 32000")


def forget_ports():
    while _port_locks:
        lock = _port_locks.pop()
        os.unlink(lock.name)
        lock.close()


def _die_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


class Process:
    """One child process with a log of its own."""

    def __init__(self, name, command, log, environment=None):
        self.name = name
        self.command = [str(part) for part in command]
        self.log = Path(log)
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("MESOS_", "LIBPROCESS_"))}
        self.environment = {**clean, **(environment or {})}
        self._child = None

    def start(self):
        with open(self.log, "ab") as log:
            # A session of its own: Ctrl-C at the terminal is for us, who stop things in order.
            self._child = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment, start_new_session=True, preexec_fn=_die_with_parent)
        return self

    @property
    def pid(self):
        return self._child.pid

    def running(self):
        return self._child is not None and self._child.poll() is None

    def code(self):
        """None while it runs; the exit code; minus the signal that ended it."""
        return self._child.poll()

    def wait_exit(self, seconds):
        try:
            return self._child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} still runs after {seconds:g} s") from None

    def signal(self, number):
        if self.running():
            self._child.send_signal(number)

    def kill(self):
        self.signal(signal.SIGKILL)
        if self._child is not None:
            self._child.wait()

    def stop(self, seconds=10):
        """SIGTERM and the exit code; SIGKILL if that takes too long."""
        if self._child is None:
            return None
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return self._child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._child.returncode

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class ZooKeeper(Process):
    """Debian's ZooKeeper server; started again it has the same nodes and sessions."""

    def __init__(self, folder, port=None):
        self.port = port or free_port()
        super().__init__("zookeeper", [ROOT / "ci" / "zookeeper-server", self.port, folder],
                         Path(folder).with_suffix(".log"))

    def start(self, seconds=60):
        super().start()
        wait_until("ZooKeeper answers", lambda: self._serves() or not self.running(), seconds)
        if not self.running():
            raise AssertionError(f"ZooKeeper ended with code {self.code()}: {self.log_text()}")
        return self

    def _serves(self):
        try:
            with socket.create_connection((HOST, self.port), timeout=2) as connection:
                connection.sendall(b"srvr")
                return b"Mode:" in connection.recv(4096)
        except OSError:
            return False


class Answer:
    """An HTTP response."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"HTTP {self.status} {dict(self.headers)} {self.body[:400]!r}"


def ask(port, method, path, body=None, headers=None, seconds=10, host=HOST):
    """One request on a connection of its own. A dict or list as body is sent as JSON."""
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def ask_following(port, method, path, body=None, seconds=10):
    """As operators' tools do: a 307 is followed, with method and body, to `Location: //host:port/...`."""
    host = HOST
    for _ in range(5):
        answer = ask(port, method, path, body, seconds=seconds, host=host)
        if answer.status != 307:
            return answer
        target = urlsplit(answer.headers["Location"], scheme="http")
        host, port = target.hostname, target.port
        path = target.path + (f"?{target.query}" if target.query else "")
    raise AssertionError(f"more than five redirects for {method} {path}: {answer}")


class Master(Process):
    """One quorate-master on 127.0.0.1."""

    def __init__(self, name, folder, *flags, port=None, work_dir=None, environment=None):
        self.port = port or free_port()
        self.work_dir = Path(work_dir or Path(folder) / name)
        command = [BUILD / "quorate-master", f"--ip={HOST}", f"--port={self.port}",
                   "--no-hostname_lookup", f"--work_dir={self.work_dir}", *flags]
        super().__init__(name, command, Path(folder) / f"{name}.log", environment)

    def ask(self, method, path, body=None, headers=None, seconds=10):
        return ask(self.port, method, path, body, headers, seconds)

    def get(self, path, seconds=10):
        return self.ask("GET", path, seconds=seconds)

    def follow(self, method, path, body=None, seconds=10):
        return ask_following(self.port, method, path, body, seconds)

    def serves(self):
        try:
            return self.get("/health", seconds=2).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def wait_serving(self, seconds=20):
        wait_until(f"{self.name} answers /health", lambda: self.serves() or not self.running(),
                   seconds * PATIENCE)
        if not self.running():
            raise AssertionError(f"{self.name} ended with code {self.code()}: {self.log_text()}")
        return self

    def leader_port(self):
        """The port of the leader as this master sees it; None: it knows none, or does not answer."""
        try:
            answer = self.get("/redirect", seconds=2)
        except (OSError, http.client.HTTPException):
            return None
        if answer.status != 307:
            return None
        return urlsplit(answer.headers["Location"], scheme="http").port

    def leads(self):
        """By its own word: after a kill and a restart, its old node may still name its address."""
        try:
            return self.running() and self.leader_port() == self.port and \
                self.metric("master/elected") == 1.0
        except (OSError, http.client.HTTPException):
            return False

    def metric(self, name):
        return self.get("/metrics/snapshot").json().get(name)


class World:
    """A folder, a ZooKeeper server and masters. Closing it ends what still runs, masters first."""

    def __init__(self, folder=None):
        self.own_folder = folder is None
        self.folder = Path(folder or tempfile.mkdtemp(prefix="quorate-e2e-"))
        self.processes = []
        self.zookeeper = None
        self.masters = []

    def start_zookeeper(self):
        self.zookeeper = ZooKeeper(self.folder / "zookeeper")
        self.processes.append(self.zookeeper)
        return self.zookeeper.start()

    def add_master(self, *flags, name=None, **options):
        master = Master(name or f"m{len(self.masters) + 1}", self.folder, *flags, **options)
        self.masters.append(master)
        self.processes.append(master)
        return master

    def add_ensemble(self, count, session_timeout="4secs", *flags):
        """Masters of one ensemble on this world's ZooKeeper, not yet started."""
        return [self.add_master(f"--zk=zk://{HOST}:{self.zookeeper.port}/mesos",
                                f"--quorum={count // 2 + 1}",
                                f"--zk_session_timeout={session_timeout}", *flags)
                for _ in range(count)]

    def leader(self):
        """The one that leads, by its own word and that of every other that answers; else None."""
        said = {m.leader_port() for m in self.masters if m.running()} - {None}
        leaders = [m for m in self.masters if m.running() and m.port in said and m.leads()]
        return leaders[0] if len(said) == 1 and len(leaders) == 1 else None

    def wait_leader(self, seconds, other_than=None):
        def found():
            leader = self.leader()
            return leader if leader is not other_than else None
        return wait_until("one master leads", found, seconds * PATIENCE)

    def wait_writable(self, seconds):
        """The leader, once its registry is recovered (it answers reads of the registry)."""
        def found():
            leader = self.leader()
            try:
                ready = leader and leader.get("/maintenance/schedule", seconds=5).status == 200
                return leader if ready else None
            except (OSError, http.client.HTTPException):
                return None
        return wait_until("a leader with a recovered registry", found, seconds * PATIENCE)

    def close(self):
        for process in self.processes:
            process.signal(signal.SIGCONT)
            if process is not self.zookeeper:
                process.signal(signal.SIGTERM)
        end = time.monotonic() + 3
        for process in self.processes:
            if process is not self.zookeeper and process.running():
                process.stop(max(0.1, end - time.monotonic()))
        if self.zookeeper:
            self.zookeeper.kill()

    def remove(self):
        if self.own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def print_logs(self, lines=60):
        for process in self.processes:
            tail = process.log_text().splitlines()[-lines:]
            print(f"--- {process.name}: {' '.join(process.command)}: the end of its log", flush=True)
            print("\n".join(tail), flush=True)


class ProcessTest(unittest.TestCase):
    """A test with a World of its own, whose logs are shown when the test fails."""

    def setUp(self):
        self.world = World()
        self.addCleanup(self._end)

    def _end(self):
        self.world.close()
        outcome = self._outcome.result
        if any(test is self for test, _ in outcome.failures + outcome.errors) or \
                not self._outcome.success:
            self.world.print_logs()
            print(f"--- kept: {self.world.folder}", flush=True)
        else:
            self.world.remove()

    def assert_exits(self, process, code, *words, seconds=10):
        """It ends in time with this code, and its log says these words."""
        self.assertEqual(process.wait_exit(seconds * PATIENCE), code, process.log_text())
        for word in words:
            self.assertIn(str(word), process.log_text())


def main():
    """Runs the tests of the calling file; leaves the counts in $QUORATE_RESULTS for `make test`."""
    program = unittest.main(module="__main__", verbosity=2, exit=False, failfast=False,
                            testRunner=unittest.TextTestRunner(verbosity=2, stream=sys.stdout))
    result = program.result
    forget_ports()
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    results = os.environ.get("QUORATE_RESULTS")
    if results:
        counts = {"passed": result.testsRun - failed - len(result.skipped), "failed": failed,
                  "skipped": len(result.skipped)}
        (Path(results) / (Path(sys.argv[0]).stem + ".json")).write_text(json.dumps(counts))
    sys.exit(1 if failed else 0)
