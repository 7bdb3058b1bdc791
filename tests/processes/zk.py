"""A tiny ZooKeeper client over the wire protocol: what the tests need to look at masters' nodes, and
to put garbage beside them, without any library. One request at a time, no watches."""

import socket
import struct

CREATE, DELETE, EXISTS, GET, CHILDREN, CLOSE = 1, 2, 3, 4, 8, -11
NO_NODE, NODE_EXISTS = -101, -110
EPHEMERAL, SEQUENTIAL = 1, 2


class ZkError(Exception):
    def __init__(self, code, what):
        super().__init__(f"ZooKeeper answered {code} to {what}")
        self.code = code


def _buffer(data):
    return struct.pack(">i", len(data)) + data


def _text(text):
    return _buffer(text.encode())


class ZkClient:
    """with ZkClient(port) as zk: zk.create("/a", b"x")"""

    def __init__(self, port, session_timeout_ms=10000, host="127.0.0.1"):
        self._socket = socket.create_connection((host, port), timeout=10)
        self._xid = 0
        connect = struct.pack(">iqiq", 0, 0, session_timeout_ms, 0) + _buffer(bytes(16)) + b"\0"
        self._socket.sendall(_buffer(connect))
        _, self.negotiated_timeout_ms, self.session_id = struct.unpack_from(">iiq", self._frame())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the session at the server: its ephemeral nodes vanish."""
        try:
            self._ask(CLOSE, b"", "close")
        except (OSError, ZkError):
            pass
        self._socket.close()

    def create(self, path, data=b"", flags=0):
        """The path really created."""
        world_may_do_all = struct.pack(">ii", 1, 31) + _text("world") + _text("anyone")
        body = _text(path) + _buffer(data) + world_may_do_all + struct.pack(">i", flags)
        answer = self._ask(CREATE, body, f"create {path}")
        return answer[4:].decode()

    def make(self, path):
        """Creates a persistent node and its parents where they are missing."""
        parts = path.strip("/").split("/")
        for depth in range(1, len(parts) + 1):
            try:
                self.create("/" + "/".join(parts[:depth]))
            except ZkError as error:
                if error.code != NODE_EXISTS:
                    raise

    def get(self, path):
        answer = self._ask(GET, _text(path) + b"\0", f"get {path}")
        (size,) = struct.unpack_from(">i", answer)
        return answer[4:4 + size] if size > 0 else b""

    def exists(self, path):
        try:
            self._ask(EXISTS, _text(path) + b"\0", f"exists {path}")
            return True
        except ZkError as error:
            if error.code == NO_NODE:
                return False
            raise

    def children(self, path):
        """Names without path, sorted."""
        answer = self._ask(CHILDREN, _text(path) + b"\0", f"children {path}")
        (count,) = struct.unpack_from(">i", answer)
        names, at = [], 4
        for _ in range(count):
            (size,) = struct.unpack_from(">i", answer, at)
            names.append(answer[at + 4:at + 4 + size].decode())
            at += 4 + size
        return sorted(names)

    def delete(self, path):
        self._ask(DELETE, _text(path) + struct.pack(">i", -1), f"delete {path}")

    def _ask(self, kind, body, what):
        self._xid += 1
        self._socket.sendall(_buffer(struct.pack(">ii", self._xid, kind) + body))
        while True:
            frame = self._frame()
            xid, _, error = struct.unpack_from(">iqi", frame)
            if xid == self._xid:
                break
        if error != 0:
            raise ZkError(error, what)
        return frame[16:]

    def _frame(self):
        (size,) = struct.unpack(">i", self._exactly(4))
        return self._exactly(size)

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            piece = self._socket.recv(size - len(data))
            if not piece:
                raise OSError("ZooKeeper closed the connection")
            data += piece
        return data
