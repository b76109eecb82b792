"""Messages of kombu's queue of files appear whole. Its worker fails when it looks while one is being written."""

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from kombu.transport.filesystem import Channel
from kombu.utils.json import dumps


def put(channel: Channel, queue: str, payload: object, **_: Any) -> None:
    """Write a message beside the queue, and move it there."""
    name = f"{time.monotonic_ns() // 1_000_000}_{uuid4()}.{queue}.msg"
    folder = Path(channel.data_folder_out)
    written = folder.parent / name
    written.write_text(dumps(payload))
    written.replace(folder / name)


Channel._put = put
