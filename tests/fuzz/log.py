"""The server's log after an attack: whole lines of JSON, no traceback, none of our secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz.words import SECRETS


def blemishes(folder: Path, stderr: str) -> Iterator[str]:
    texts = {"stderr": stderr}
    for file in sorted(folder.glob("tallyback.log*")):
        texts[file.name] = file.read_text(encoding="ascii")
        yield from _of_lines(file.name, texts[file.name])
    for name, text in texts.items():
        if "Traceback" in text:
            yield f"a traceback in {name}: {text[text.index('Traceback') :][:600]}"
        yield from (f"the secret {secret} stands in {name}" for secret in SECRETS if secret in text)


def _of_lines(name: str, text: str) -> Iterator[str]:
    if not text.endswith("\n"):
        yield f"the last line of {name} is torn"
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            document = json.loads(line)
        except ValueError:
            yield f"{name}:{number} is no JSON: {line[:200]}"
            continue
        if document.get("level") in ("error", "critical") or "traceback" in document:
            yield f"{name}:{number}: {line[:2000]}"
