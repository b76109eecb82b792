"""Measure the sandbox as a server: how soon it is ready, what it serves, and what outlives ``kill -9``.

python -m benchmarks.sandbox            about two minutes
python -m benchmarks.sandbox --kills 5  fewer kills
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.run import ROOT

KEY = "lomi_sk_test_sandbox"
HEAD = f"Host: 127.0.0.1\r\nX-API-Key: {KEY}\r\n"


@contextmanager
def served(*options: str) -> Iterator[tuple[subprocess.Popen[str], int, float]]:
    """Start a sandbox; give its process, its port and the seconds until it listened."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "lomi", "sandbox", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout
    try:
        lines = iter(process.stdout.readline, "")
        port = next(int(found[1]) for line in lines if (found := re.search(r"http://127\.0\.0\.1:(\d+)", line)))
        with socket.create_connection(("127.0.0.1", port)):
            ready = time.perf_counter() - begun
        yield process, port, ready
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def call(sock: socket.socket, method: str, path: str, body: bytes = b"") -> bytes:
    """Send a request on a kept connection; return the body of the response."""
    length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    sock.sendall(f"{method} {path} HTTP/1.1\r\n{HEAD}{length}\r\n".encode() + body)
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(sock)
    head, _, content = received.partition(b"\r\n\r\n")
    found = re.search(rb"(?i)content-length: (\d+)", head)
    assert found
    assert head.startswith(b"HTTP/1.1 20"), head
    while len(content) < int(found[1]):
        content += _more(sock)
    return content


def _more(sock: socket.socket) -> bytes:
    data = sock.recv(65536)
    if not data:
        raise ConnectionError
    return data


def requests_a_second(port: int, clients: int, calls: int) -> float:
    """Return the rate at which so many kept connections are answered, each in its turn."""
    socks = [socket.create_connection(("127.0.0.1", port)) for _ in range(clients)]
    share = max(1, calls // clients)

    def work(sock: socket.socket) -> None:
        for _ in range(share):
            call(sock, "GET", "/customers?pageSize=1")

    threads = [threading.Thread(target=work, args=(sock,)) for sock in socks]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    for sock in socks:
        sock.close()
    return share * clients / seconds


def memory(pid: int) -> float:
    """Return the MiB that a process holds."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    assert found
    return int(found[1]) / 1024


def lost_writes(kills: int, clients: int = 4) -> tuple[int, int]:
    """Kill a sandbox amid creates, again and again; return how many were acknowledged, and how many of those lost."""
    acknowledged: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        data = ("--data", str(Path(folder) / "lomi.db"), "--customers", "0")
        for round_ in range(kills):
            with served(*data) as (process, port, _):

                def work(number: int, port: int = port, round_: int = round_) -> None:
                    with suppress(OSError), socket.create_connection(("127.0.0.1", port)) as sock:
                        for index in range(10_000):
                            name = f"customer {round_} {number} {index}"
                            created = json.loads(call(sock, "POST", "/customers", json.dumps({"name": name}).encode()))
                            acknowledged.add(created["customer_id"])

                threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
                for thread in threads:
                    thread.start()
                time.sleep(0.1 + 0.005 * round_)
                os.kill(process.pid, signal.SIGKILL)
                for thread in threads:
                    thread.join()
        with served(*data) as (_, port, _), socket.create_connection(("127.0.0.1", port)) as sock:
            kept, page = set[str](), 1
            while found := json.loads(call(sock, "GET", f"/customers?pageSize=100&page={page}"))["customers"]:
                kept |= {each["customer_id"] for each in found}
                page += 1
    return len(acknowledged), len(acknowledged - kept)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sandbox")
    parser.add_argument("--kills", type=int, default=50)
    kills = int(parser.parse_args().kills)
    starts = []
    for _ in range(9):
        with served() as (process, _, ready):
            starts.append(ready)
            resident = memory(process.pid)
    print(f"ready after {statistics.median(starts) * 1000:.0f} ms, {resident:.0f} MiB")
    for clients in (1, 200):
        rates = []
        for _ in range(3):
            with served() as (process, port, _):  # a new one, since it throttles like the API
                rates.append(requests_a_second(port, clients, 2_000))
                resident = memory(process.pid)
        print(f"{clients} clients: {statistics.median(rates):,.0f} requests a second, {resident:.0f} MiB")
    acknowledged, lost = lost_writes(kills)
    print(f"{kills} times kill -9: {acknowledged:,} creates acknowledged, {lost} lost")
    sys.exit(lost > 0)


if __name__ == "__main__":
    main()
