"""What is bound, what is told to others, and where masters meet: addresses, redirects, ZooKeeper paths."""

import gzip
import http.client
import json
import struct

from cluster import HOST, ProcessTest, free_port, main, wait_until
from zk import ZkClient


class Access(ProcessTest):
    def leader_info(self, zk, path="/mesos"):
        names = [name for name in zk.children(path) if name.startswith("json.info_")]
        return json.loads(zk.get(f"{path}/{min(names, key=lambda n: int(n.split('_')[-1]))}"))

    def pair(self, *flags, path="/mesos", users=""):
        """Two masters with the registry in memory, the first one leading."""
        zookeeper = self.world.start_zookeeper()
        url = f"--zk=zk://{users}{HOST}:{zookeeper.port},{HOST}:{free_port()}{path}"
        first = self.world.add_master(url, "--registry=in_memory", *flags)
        second = self.world.add_master(url, "--registry=in_memory")
        first.start()
        wait_until("the first leads", lambda: first.serves() and
                   first.metric("master/elected") == 1.0, 20)
        second.start().wait_serving()
        wait_until("the second knows", lambda: second.get("/redirect").status == 307, 20)
        return first, second

    def test_advertised_names_are_told_and_not_bound(self):
        port = free_port()
        first, second = self.pair("--advertise_ip=10.77.0.1", f"--advertise_port={port}",
                                  "--hostname=proxy.example")

        answer = second.get("/maintenance/status?x=1")

        self.assertEqual(answer.status, 307)
        self.assertEqual(answer.headers["Location"],
                         f"//proxy.example:{port}/master/maintenance/status?x=1")
        self.assertEqual(answer.body, b"")
        with ZkClient(self.world.zookeeper.port) as zk:
            info = self.leader_info(zk)
        self.assertEqual(info["address"],
                         {"hostname": "proxy.example", "ip": "10.77.0.1", "port": port})
        self.assertEqual(info["pid"], f"master@10.77.0.1:{port}")
        # The address as it stands in memory in network order, read as a number of this machine.
        self.assertEqual(info["ip"], struct.unpack("=I", bytes([10, 77, 0, 1]))[0])
        self.assertEqual(info["port"], port)
        self.assertEqual(first.get("/state").json()["hostname"], "proxy.example")

    def test_a_deep_path_and_credentials_guard_the_nodes(self):
        self.pair(path="/clusters/east/mesos", users="alice:a@b.c@")

        with ZkClient(self.world.zookeeper.port) as zk:
            self.assertEqual(self.leader_info(zk, "/clusters/east/mesos")["version"], "1.12.0")
            with self.assertRaises(Exception):
                zk.create("/clusters/east/mesos/intruder", b"")
        self.assertNotIn("a@b.c", self.world.masters[0].log_text())
        self.assertNotIn("a@b.c", self.world.masters[0].get("/flags").body.decode())

    def test_a_loopback_address_is_not_told_to_other_hosts(self):
        master = self.world.add_master(f"--zk=zk://10.77.0.9:{free_port()}/mesos",
                                       "--registry=in_memory")
        master.start()

        self.assert_exits(master, 78, "127.0.0.1", "advertise_ip")

    def test_large_answers_are_compressed_for_those_who_ask(self):
        master = self.world.add_master("--registry=in_memory").start().wait_serving()
        plain = master.get("/flags")

        packed = master.ask("GET", "/flags", headers={"Accept-Encoding": "gzip"})

        self.assertEqual(packed.headers["Content-Encoding"], "gzip")
        self.assertEqual(gzip.decompress(packed.body), plain.body)
        script = master.get("/flags?jsonp=show")
        self.assertEqual(script.body, b"show(" + plain.body + b")")

    def test_one_connection_serves_many_requests(self):
        master = self.world.add_master("--registry=in_memory").start().wait_serving()
        connection = http.client.HTTPConnection(HOST, master.port, timeout=5)
        for path in ("/health", "/state/", "/master/state-summary", "/version", "/livez", "/readyz"):
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            self.assertEqual(response.status, 200, path)
        connection.close()


if __name__ == "__main__":
    main()
