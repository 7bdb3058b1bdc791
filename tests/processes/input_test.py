"""Bad input: each gets its clear error, naming what and where, and nothing is lost or half-written."""

import gzip
import json
import socket
import time

from cluster import HOST, PATIENCE, ProcessTest, free_port, main, wait_until
from registry import machine, machines_in, schedule
from zk import ZkClient


def raw(port, data, seconds=10):
    """Everything that comes back until the server closes, or falls silent after an answer."""
    received = b""
    with socket.create_connection((HOST, port), timeout=seconds) as connection:
        try:
            connection.sendall(data)
        except OSError:
            pass  # it may close before it has read all; what it said counts
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                piece = connection.recv(65536)
            except TimeoutError:
                break
            except ConnectionResetError:
                break
            if not piece:
                break
            received += piece
            connection.settimeout(0.5)
    return received


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else None


class Http(ProcessTest):
    def setUp(self):
        super().setUp()
        self.master = self.world.add_master().start()
        self.world.wait_writable(20)
        self.assertEqual(self.post("/maintenance/schedule", schedule(1, 2)).status, 200)

    def post(self, path, body):
        return self.master.ask("POST", path, body)

    def tearDown(self):
        # Whatever was sent: it still serves, and the registry is as it was.
        self.assertTrue(self.master.running(), self.master.log_text())
        self.assertEqual(self.master.get("/maintenance/schedule").json(), schedule(1, 2))

    def assert_refused(self, data, *statuses):
        answer = raw(self.master.port, data)
        self.assertIn(status_of(answer), statuses, answer[:300])

    def test_malformed_requests_are_answered_400(self):
        for data in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
                     b"GET\r\n\r\n",
                     b"GET /state HTTP/9.9\r\n\r\n",
                     b"GET /state HTTP/1.1\r\nHost : x\r\nbroken\r\n\r\n",
                     b"GET state HTTP/1.1\r\nHost: x\r\n\r\n",
                     b"POST /machine/down HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                     b"POST /machine/down HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                     b"Content-Length: 2\r\n\r\n[]"):
            with self.subTest(data=data):
                self.assert_refused(data, 400, 505)

    def test_ways_to_smuggle_a_request_are_refused(self):
        for coding in (b"identity", b"gzip, chunked", b"chunked, chunked", b"xchunked"):
            with self.subTest(coding=coding):
                self.assert_refused(b"POST /machine/down HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " +
                                    coding + b"\r\n\r\n0\r\n\r\n", 400, 501)

    def test_an_oversized_header_is_answered_431(self):
        self.assert_refused(b"GET /state HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 2_000_000 + b"\r\n\r\n",
                            431)

    def test_an_oversized_body_is_answered_413_before_it_is_sent(self):
        self.assert_refused(b"POST /machine/down HTTP/1.1\r\nHost: x\r\n"
                            b"Content-Length: 99999999999\r\n\r\n", 413)

    def test_a_body_that_unpacks_beyond_the_limit_is_answered_413_or_400(self):
        bomb = gzip.compress(bytes(300_000_000), compresslevel=9)
        answer = self.master.ask("POST", "/machine/down", bomb, {"Content-Encoding": "gzip"})
        self.assertIn(answer.status, (400, 413))

    def test_invalid_json_and_wrong_shapes_are_answered_400_and_change_nothing(self):
        deep = "[" * 100_000
        for body in ("", "{", "nonsense", "[1]", '{"windows": 7}', '"x"', deep, "\xff\xfe",
                     '{"windows":[{"machine_ids":[]}]}',
                     json.dumps({"windows": [{"machine_ids": [machine(1)]}]}),
                     json.dumps({"windows": [{"machine_ids": [machine(1), machine(1)],
                                              "unavailability": {"start": {"nanoseconds": 1}}}]})):
            with self.subTest(body=body[:60]):
                answer = self.post("/maintenance/schedule", body.encode("latin-1"))
                self.assertEqual(answer.status, 400, answer)
                self.assertTrue(answer.body.strip())

    def test_unknown_machines_are_named_and_answered_400(self):
        for path in ("/machine/down", "/machine/up"):
            answer = self.post(path, [machine(77)])
            self.assertEqual(answer.status, 400, answer)
            self.assertIn(b"host-77", answer.body)
        # One unknown machine among known ones: none is taken down.
        self.assertEqual(self.post("/machine/down", [machine(1), machine(77)]).status, 400)
        self.assertEqual(self.master.get("/maintenance/status").json().get("down_machines", []), [])

    def test_bad_machines_are_answered_400(self):
        for body in ([], [{}], [{"hostname": "h", "ip": "10.0.0.256"}], [machine(1), machine(1)],
                     {"hostname": "h"}):
            with self.subTest(body=body):
                self.assertEqual(self.post("/machine/down", body).status, 400)

    def test_unknown_paths_are_answered_404_and_wrong_methods_405(self):
        for path in ("/nonsense", "/master/nonsense", "/state.json", "/../etc/passwd",
                     "/master/../../etc/passwd"):
            with self.subTest(path=path):
                self.assertEqual(self.master.get(path).status, 404)
        answer = self.master.get("/machine/down")
        self.assertEqual((answer.status, answer.headers["Allow"]), (405, "POST"))
        answer = self.master.ask("DELETE", "/maintenance/schedule")
        self.assertEqual(answer.status, 405)
        self.assertEqual(sorted(answer.headers["Allow"].replace(" ", "").split(",")), ["GET", "POST"])

    def test_scheduler_calls_are_answered_501(self):
        answer = self.master.ask("POST", "/api/v1/scheduler", '{"type":"SUBSCRIBE"}',
                                 {"Content-Type": "application/json"})
        self.assertEqual(answer.status, 501, answer)

    def test_a_bad_time_out_of_a_snapshot_is_answered_400(self):
        self.assertEqual(self.master.get("/metrics/snapshot?timeout=soon").status, 400)
        self.assertEqual(self.master.get("/metrics/snapshot?timeout=5secs").status, 200)

    def test_a_slow_client_does_not_hold_up_others(self):
        with socket.create_connection((HOST, self.master.port)) as slow:
            slow.sendall(b"POST /machine/down HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[")
            self.assertEqual(self.master.get("/health", seconds=2).status, 200)

    def test_pipelined_requests_are_answered_in_order(self):
        answer = raw(self.master.port, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
                     b"GET /nonsense HTTP/1.1\r\nHost: x\r\n\r\n"
                     b"GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        codes = [int(piece[:3]) for piece in answer.split(b"HTTP/1.1 ")[1:]]
        self.assertEqual(codes, [200, 404, 200])


class Flags(ProcessTest):
    def refused(self, code, *words, flags=(), **options):
        master = self.world.add_master(*flags, **options).start()
        self.assert_exits(master, code, *words)
        return master

    def test_an_unknown_flag_is_named_64(self):
        self.refused(64, "no_such_flag", flags=["--no_such_flag=1"])
        self.refused(64, "quorom", flags=["--quorom=2"])

    def test_a_malformed_flag_is_named_64(self):
        for flag in ("--zk_session_timeout=10s", "--registry_store_timeout=20", "--quorum=many",
                     "--hostname_lookup=perhaps", "--registry=paper", "--zk=zk://127.0.0.1:2181/",
                     "--zk=http://127.0.0.1/mesos", "--log_auto_initialize=maybe", "--advertise_ip=h"):
            with self.subTest(flag=flag):
                name = flag[2:].split("=")[0]
                self.refused(64, name, flags=["--quorum=1", flag] if name == "zk" else [flag])

    def test_a_malformed_variable_of_the_environment_is_named_64(self):
        self.refused(64, "MESOS_ZK_SESSION_TIMEOUT", environment={"MESOS_ZK_SESSION_TIMEOUT": "soon"})

    def test_a_flag_without_its_partner_is_named(self):
        master = self.world.add_master("--zk=zk://127.0.0.1:1/mesos").start()
        self.assertIn(master.wait_exit(10), (64, 78))
        self.assertIn("quorum", master.log_text())

    def test_a_port_in_use_is_named(self):
        with socket.socket() as taken:
            port = free_port()
            taken.bind((HOST, port))
            taken.listen()
            master = self.world.add_master(port=port).start()
            self.assertEqual(master.wait_exit(10), 78, master.log_text())
            self.assertIn(str(port), master.log_text())


class Disk(ProcessTest):
    def test_a_log_directory_of_another_program_is_left_alone_78(self):
        log = self.world.folder / "mesos" / "replicated_log"
        log.mkdir(parents=True)
        files = {"CURRENT": b"MANIFEST-000002\n", "MANIFEST-000002": b"\x56\xf9\xb8\xf8\x1c",
                 "000003.log": b"garbage" * 100}
        for name, content in files.items():
            (log / name).write_bytes(content)

        master = self.world.add_master(work_dir=self.world.folder / "mesos").start()

        self.assert_exits(master, 78, str(log))
        self.assertTrue(any(name in master.log_text() for name in files), master.log_text())
        for name, content in files.items():
            self.assertEqual((log / name).read_bytes(), content)

    def test_a_work_dir_that_cannot_be_made_is_named_78(self):
        (self.world.folder / "file").write_text("not a folder")
        master = self.world.add_master(work_dir=self.world.folder / "file" / "deeper").start()
        self.assertIn(master.wait_exit(10), (74, 78), master.log_text())
        self.assertIn("file/deeper", master.log_text())

    def test_a_second_process_on_one_work_dir_names_the_first_78(self):
        first = self.world.add_master().start()
        self.world.wait_writable(20)
        self.assertEqual(first.ask("POST", "/maintenance/schedule", schedule(1)).status, 200)

        second = self.world.add_master(work_dir=first.work_dir).start()

        self.assert_exits(second, 78, first.work_dir, first.pid)
        self.assertTrue(first.running())
        self.assertEqual(first.ask("POST", "/maintenance/schedule", schedule(1, 2)).status, 200)
        self.assertEqual(machines_in(first.get("/maintenance/schedule").json()), ["host-1", "host-2"])


class Znodes(ProcessTest):
    def setUp(self):
        super().setUp()
        self.zookeeper = self.world.start_zookeeper()

    def test_garbage_that_leads_is_named_and_nobody_writes_beside_it(self):
        with ZkClient(self.zookeeper.port) as zk:
            zk.make("/mesos")
            path = zk.create("/mesos/json.info_", b"\x00not a master", flags=2)
            masters = self.world.add_ensemble(3)
            for master in masters:
                master.start()
            wait_until("every master names the node",
                       lambda: all(path in m.log_text() for m in masters), 20 * PATIENCE)
            self.assertIsNone(self.world.leader())
            for master in masters:
                if not master.running():
                    self.assertEqual(master.code(), 78, master.log_text())

            # The operator's way out: remove it; those that ended are started again.
            zk.delete(path)
        for master in masters:
            if not master.running():
                master.start()
        self.world.wait_writable(30)

    def test_garbage_beside_a_leader_disturbs_nobody(self):
        masters = self.world.add_ensemble(3)
        for master in masters:
            master.start()
        leader = self.world.wait_writable(30)
        with ZkClient(self.zookeeper.port) as zk:
            group = next(name for name in zk.children("/mesos") if "replicas" in name)
            for path in (f"/mesos/{group}/", f"/mesos/{group}/garbage_", "/mesos/json.info_"):
                zk.create(path, b"\xff\x00{", flags=2)
            zk.create("/mesos/readme", b"hello")
            time.sleep(2)
        self.assertIs(self.world.leader(), leader)
        self.assertEqual(leader.ask("POST", "/maintenance/schedule", schedule(1)).status, 200)
        for master in masters:
            self.assertTrue(master.running(), master.log_text())


if __name__ == "__main__":
    main()
