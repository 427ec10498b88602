# Kohoban. Every target is a line or two that also works by hand; the first `make` of any kind sets the project up.

# Where the environment forbids it, every process that a test starts would compile the whole program anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup run test prove lint bench faults dist lock keys
.DEFAULT_GOAL := setup

READY := .venv/.ready

# Processes that test side by side: one more than the two cores of the smallest machine, for many tests wait.
WORKERS ?= 3

setup: $(READY)  ## .venv with everything in it, exact versions by hash; leaves .venv/bin/kohoban

$(READY): requirements.lock pyproject.toml
	.ci/venv .venv
	touch $@

run: setup  ## the training office, in the console; without a terminal the same on paper
	.venv/bin/kohoban training

test: setup  ## every test on the default Python, then a quick run on every other version present
	.ci/tests $(WORKERS)
	.ci/other-pythons

prove: setup  ## every clause that is held, switched off: a named test turns red (minutes)
	.venv/bin/kohoban policy coverage --prove

lint: setup
	.venv/bin/ruff format --check . && .venv/bin/ruff check . && .venv/bin/mypy

bench: setup  ## every figure of the README, one script each
	for name in backtest backup channels check comments console console_comments console_idle console_line console_stop console_writing desk distribution intake moderation office report screening service stop store textlint; do echo "== $$name"; .venv/bin/python -m benchmarks.$$name || exit 1; done

faults: setup  ## every trial of the fault suite (`make test` runs a twentieth) and the real terminals
	KOHOBAN_TRIALS_DIVISOR=1 .venv/bin/python -m pytest -q tests/faults tests/terminal tests/service_manager

dist: setup  ## dist/kohoban-VERSION.tar.gz: everything that an installation without a network needs (docs/installation.md)
	.venv/bin/python .ci/dist.py

keys: setup  ## docs/keys.md anew, from the table of commands
	.venv/bin/python -m console.tui.key_sheet > docs/keys.md

lock: setup  ## choose new versions
	.venv/bin/python -m pip install --quiet uv
	UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --group test -o requirements.lock pyproject.toml
	UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 -c requirements.lock -o requirements-runtime.lock pyproject.toml
	echo pip | UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11 -o .ci/pip.lock -
