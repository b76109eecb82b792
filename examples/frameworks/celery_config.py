"""The queue: files in a folder, so that the example needs no broker. Put yours here."""

import os
from pathlib import Path

folder = Path(os.environ.get("SHOP_QUEUE", "queue")).absolute()
for name in ("messages", "control", "results"):
    (folder / name).mkdir(parents=True, exist_ok=True)

broker_url = "filesystem://"
broker_transport_options = {
    "data_folder_in": str(folder / "messages"),
    "data_folder_out": str(folder / "messages"),
    "control_folder": str(folder / "control"),
    "polling_interval": 0.1,
}
result_backend = (folder / "results").as_uri()

# With "json", the default, the caller gets the error's class and message alone; its
# `outcome` is then the safest that the class can have. Pickle keeps everything, the
# real outcome, code and request id too: for results that only your own workers write.
result_serializer = "pickle"
result_accept_content = ["json", "pickle"]
