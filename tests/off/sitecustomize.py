"""Python imports this in every process that a test starts while a clause is switched off (`tests/switches.py`)."""

from tests.switches import in_this_process

in_this_process()
