"""What dev.py leaves behind when a signal stops it: nothing."""

import os
import signal
import subprocess
import sys

import pytest

from devtools import steps

# A program with a server in a session of its own, as the benchmark has them, which it stops.
SERVING = """
import subprocess, sys
server = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"],
                          start_new_session=True)
try:
    print(server.pid, flush=True)
    server.wait()
finally:
    server.kill()
    server.wait()
    print("all stopped", flush=True)
"""


def heed_signals() -> None:
    """Ignore none of them: whoever runs the tests with nohup or in the background does."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_dev_py_alone_lets_its_program_stop_what_it_started(number: int) -> None:
    program = f"""
import sys
from devtools.steps import guarded, visibly
sys.exit(guarded(lambda _: visibly([sys.executable, "-c", {SERVING!r}]), []))
"""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=steps.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        preexec_fn=heed_signals,
    ) as process:
        assert process.stdout is not None
        serving = int(process.stdout.readline())
        process.send_signal(number)
        try:
            # The server holds the pipe's end for writing as well: reading ends when it is gone.
            said, _ = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.kill(serving, signal.SIGKILL)
            raise
    assert (said, process.returncode) == ("all stopped\n\nStopped.\n", 130)
