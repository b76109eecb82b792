"""Under gevent, in a process of its own: greenlets that run out of time in any place leave no trace in the pool."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .figures import Figure, experiment

__all__ = ["PROGRAM", "run"]

PROGRAM = """
from gevent import monkey; monkey.patch_all()
import sys, random, gevent, gevent.pool
import httpx, lomi
from gevent.server import StreamServer

rounds, places = int(sys.argv[1]), 512

def serve(sock, _address):
    with sock:
        seen = b""
        while data := sock.recv(65536):
            seen += data
            while b"\\r\\n\\r\\n" in seen:
                seen = seen.partition(b"\\r\\n\\r\\n")[2]
                gevent.sleep(random.random() * 0.004)
                sock.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\n")
                gevent.sleep(random.random() * 0.004)
                sock.sendall(b'{"id":"c"}')

server = StreamServer(("127.0.0.1", 0), serve)
server.start()
url = f"http://127.0.0.1:{server.server_port}"

class Stop(BaseException):
    pass

pool = lomi.ConnectionPool(max_connections=places)
narrow = lomi.ConnectionPool(max_connections=8)
ended = {"done": 0, "stopped": 0}

def call(client):
    for _ in range(rounds):
        try:
            with gevent.Timeout(0.0005 + random.random() * 0.03, Stop):
                client.customers.get("c")
                ended["done"] += 1
        except Stop:
            ended["stopped"] += 1
        except lomi.LomiError as error:
            print("failed", error)

for each in (pool, narrow):
    client = lomi.LomiClient("lomi_sk_test_gevent", base_url=url, transport=each, timeout=20, max_retries=0)
    gevent.joinall([gevent.spawn(call, client) for _ in range(50)], raise_error=True)

# Every place can still be taken, all at once.
for each, count in ((pool, places), (narrow, 8)):
    held = [each.handle_request(httpx.Request("GET", url)) for _ in range(count)]
    try:
        each.handle_request(httpx.Request("GET", url, extensions={"timeout": {"pool": 0}}))
        print("one too many")
    except httpx.PoolTimeout:
        pass
    for response in held:
        response.read()
        response.close()
    assert each.connections() == count, each.connections()
print(ended["stopped"] > 0)
"""


def run(rounds: int) -> subprocess.CompletedProcess[str]:
    """Let 50 greenlets make calls with short timeouts; print ``True`` when every place can still be taken."""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, str(rounds)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, cwd=root)


@experiment("greenlets")
def greenlets(long: bool) -> Iterator[Figure]:
    """One client under gevent."""
    rounds = 1000 if long else 20
    done = run(rounds)
    yield Figure(
        f"under gevent, 2 × 50 greenlets × {rounds:,} calls with a `gevent.Timeout` of 0.5 to 30 ms: every one of the "
        "512 (and of 8) places can still be taken",
        "all" if done.stdout == "True\n" else f"not: {done.stdout[-200:]}{done.stderr[-200:]}",
        done.stdout == "True\n" and done.returncode == 0,
    )
