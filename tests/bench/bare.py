"""What Tallyback is measured against: a bare Waitress that answers 302 and does nothing else.

Everything is as it comes with Waitress, four threads and `select` included, but for the limit of connections: 100 of
its own accord, which would leave 28 of 128 without any answer.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import waitress

CONNECTIONS = 1000
LOCATION = "https://go.example.net/?a=1&sub1=0123456789abcdefghjkmnp&sub2=ads&sub3=zone-17"


def answer(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("302 Found", [("Location", LOCATION), ("Content-Length", "0"), ("Cache-Control", "no-store")])
    return [b""]


def serve(app: Any) -> None:
    """On a port that the system picks, told in a line of JSON."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, connection_limit=CONNECTIONS)
    sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{server.effective_port}"}) + "\n")
    sys.stdout.flush()
    server.run()


if __name__ == "__main__":
    serve(answer)
