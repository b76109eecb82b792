"""Under gevent, in a process of its own: greenlets that run out of time in any place leave no trace in the pool."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("gevent")

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


@pytest.mark.parametrize("rounds", [40])
def test_no_place_of_the_pool_is_lost(rounds: int) -> None:
    run = [sys.executable, "-W", "ignore", "-c", PROGRAM, str(rounds)]
    root = Path(__file__).parents[2]
    done = subprocess.run(run, capture_output=True, text=True, timeout=120, check=False, cwd=root)
    assert (done.stdout, done.returncode) == ("True\n", 0), done.stderr[-2000:]
