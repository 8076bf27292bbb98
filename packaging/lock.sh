#!/bin/sh
# Remakes requirements.lock from pyproject.toml; only here is uv needed. It keeps the versions that still fit:
# `packaging/lock.sh --upgrade` takes the newest, `packaging/lock.sh --upgrade-package NAME` one of them.
set -eu
cd "$(dirname "$0")/.."
uv pip compile --quiet --universal --generate-hashes --all-extras --python-version 3.11 --only-binary :all: \
  --no-emit-index-url --no-emit-find-links --custom-compile-command packaging/lock.sh \
  --output-file packaging/requirements.lock "$@" pyproject.toml
