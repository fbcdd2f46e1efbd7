"""The commands of dev.py: their sentences and remedies, and what they leave behind."""

import ast
import errno
import os
import re
import runpy
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import brotli
import pytest

import dev
from devtools import packages, server, static, steps
from tests.cases import each

FILES = [steps.ROOT / "dev.py", *sorted((steps.ROOT / "devtools").glob("*.py"))]
LOCKS = [packages.RUN_LOCK, packages.TEST_LOCK]


def _locked(lock: Path) -> set[str]:
    return set(re.findall(r"^([a-z0-9.-]+)==\S+", lock.read_text(), re.MULTILINE))


@pytest.mark.parametrize("version", [(3, 7), (3, 9), (3, 10)])
def test_an_old_python_is_told_which_one_it_takes(version: tuple[int, int]) -> None:
    assert f"3.11 or newer, and this is 3.{version[1]}" in dev.too_old(version)


@pytest.mark.parametrize("version", [(3, 11), (3, 13), (4, 0)])
def test_a_python_that_is_new_enough_is_told_nothing(version: tuple[int, int]) -> None:
    assert dev.too_old(version) == ""


@each("file", FILES)
def test_an_old_python_can_read_the_commands_that_refuse_it(file: Path) -> None:
    tree = ast.parse(file.read_text(), feature_version=(3, 7))
    futures = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module]
    assert file.name == "__init__.py" or futures[0].module == "__future__"


@each("file", FILES)
def test_the_commands_need_the_standard_library_alone(file: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    roots = {name.partition(".")[0] for name in imported}
    assert roots <= set(sys.stdlib_module_names) | {"devtools"}


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"dev.py {name}" in text for name in dev.COMMANDS)


def test_an_unknown_command_is_told_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["serve"]) == 2
    assert "run, test, lint, flask" in capsys.readouterr().err


def test_a_taken_port_is_named_with_another_one_to_take() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(steps.Stop, match=rf"Port {port} is taken .* --port {port % 65535 + 1}"):
            server.claim_port(str(port))


def test_a_claimed_port_is_nobody_elses_until_the_server_starts() -> None:
    with server.claim_port(str(_free_port())) as claimed:
        port = claimed.getsockname()[1]
        with pytest.raises(steps.Stop, match="taken"):
            server.claim_port(str(port))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("value", ["", "0", "-1", "65536", "80x", "8000.0", "٨٠٠٠"])
def test_what_is_not_a_port_is_refused_with_an_example(value: str) -> None:
    with pytest.raises(steps.Stop, match=r"is not a port: .* --port 8001"):
        server.claim_port(value)


def test_run_stops_with_the_sentence_before_it_installs_anything() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = [sys.executable, "dev.py", "run", "--port", str(taken.getsockname()[1])]
        done = subprocess.run(run, cwd=steps.ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert "is taken by another program" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_data_folder_that_cannot_be_made_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    monkeypatch.setenv("BOTBEAT_INSTANCE", str(file / "data"))
    with pytest.raises(steps.Stop, match="set BOTBEAT_INSTANCE to a folder of yours"):
        server.data_folder()


def test_the_data_folder_is_made_where_the_variable_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOTBEAT_INSTANCE", "some/where")
    assert server.data_folder() == tmp_path / "some" / "where"
    assert list((tmp_path / "some" / "where").iterdir()) == []


@pytest.mark.parametrize(
    ("output", "start"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "The disk is full"),
        ("sqlite3.OperationalError: database or disk is full", "The disk is full"),
        ("dpkg: cannot copy: failed to write (No space left on device)", "The disk is full"),
        (
            "WARNING: Retrying (Retry(total=1)) after connection broken by 'NewConnectionError'\n"
            "ERROR: No matching distribution found for flask==3.1.3",
            "The packages could not be fetched",
        ),
        ("E: Failed to fetch: Temporary failure resolving", "The packages could not be fetched"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE", "A fetched file is not the one"),
        ("ERROR: No matching distribution found for gevent==26.9.0", "A package has no ready-made"),
        ("PermissionError: [Errno 13] Permission denied: '.venv'", "This user may not write"),
    ],
)
def test_a_known_failure_is_told_with_its_remedy(output: str, start: str) -> None:
    assert steps.remedy(output).startswith(start)


def test_an_unknown_failure_has_no_made_up_remedy() -> None:
    assert steps.remedy("ValueError: unexpected") == ""


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_met_by_the_commands_themselves_is_told_the_same(number: int) -> None:
    error = OSError(number, os.strerror(number), "/srv/stamp")
    assert "/srv/stamp. The disk is full: free some space" in steps.sentence(error)


def test_a_failed_step_shows_its_remedy_and_no_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    program = "raise OSError(28, 'No space left on device')"
    step = [sys.executable, "-c", program]
    assert steps.guarded(lambda _: _run(step), []) == 1
    error = capsys.readouterr().err
    assert "The disk is full" in error
    assert "Traceback" not in error


def _run(step: list[str]) -> int:
    steps.quietly("A step", step)
    return 0


def test_a_step_that_works_shows_one_line_with_its_seconds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _run([sys.executable, "-c", "print('noise')"]) == 0
    assert re.fullmatch(r"A step … \d+\.\d s\n", capsys.readouterr().out)


def test_a_failed_step_of_unknown_reason_shows_the_end_of_its_output() -> None:
    program = "print('one'); print('two'); raise SystemExit(7)"
    with pytest.raises(steps.Stop, match=r"one\ntwo\nA step: failed with exit code 7"):
        steps.quietly("A step", [sys.executable, "-c", program])


@pytest.fixture
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two small lock files and a place for the stamp, apart from the real ones."""
    run, test = tmp_path / "run.txt", tmp_path / "test.txt"
    run.write_text("flask==1")
    test.write_text("flask==1\npytest==1")
    monkeypatch.setattr(packages, "RUN_LOCK", run)
    monkeypatch.setattr(packages, "TEST_LOCK", test)
    monkeypatch.setattr(packages, "STAMP", tmp_path / "stamp")
    return run, test


def test_nothing_counts_as_installed_without_a_stamp(locks: tuple[Path, Path]) -> None:
    assert not packages.installed(locks[0])


def test_the_test_set_counts_as_the_run_set_too(locks: tuple[Path, Path]) -> None:
    run, test = locks
    packages.stamp(test)
    assert packages.installed(run)
    assert packages.installed(test)


def test_the_run_set_does_not_count_as_the_test_set(locks: tuple[Path, Path]) -> None:
    run, test = locks
    packages.stamp(run)
    assert packages.installed(run)
    assert not packages.installed(test)


def test_a_changed_lock_is_not_installed_any_more(locks: tuple[Path, Path]) -> None:
    run, test = locks
    packages.stamp(test)
    run.write_text("flask==2")
    assert not packages.installed(run)
    assert packages.installed(test)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_package_has_hashes_and_no_address_is_named(lock: Path) -> None:
    text = lock.read_text()
    entries = re.split(r"\n(?=[a-z0-9])", text)
    assert len(entries) == len(re.findall(r"^\S+==", text, re.MULTILINE)) > 40
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text


def test_the_locks_hold_what_the_project_declares() -> None:
    project = tomllib.loads((steps.ROOT / "pyproject.toml").read_text())
    run, test = _locked(packages.RUN_LOCK), _locked(packages.TEST_LOCK)
    assert _names(project["project"]["dependencies"]) <= run < test
    assert _names(project["dependency-groups"]["test"]) <= test - run


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=\[ ]", item)[0].lower() for item in requirements}


def test_stopping_the_server_leaves_none_of_its_processes() -> None:
    # The child holds the pipe's end for writing: reading ends when it is gone as well.
    child = "import time; print('up', flush=True); time.sleep(600)"
    program = f"import subprocess, sys; subprocess.call([sys.executable, '-c', {child!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        server.stop(process)
        assert process.stdout.read() == ""
    assert process.returncode < 0


def test_several_workers_without_redis_are_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BOTBEAT_WORKERS", "2")
    monkeypatch.delenv("BOTBEAT_REDIS_URL", raising=False)
    with pytest.raises(SystemExit, match="set BOTBEAT_REDIS_URL as well, or BOTBEAT_WORKERS to 1"):
        runpy.run_path(str(steps.ROOT / "gunicorn.conf.py"))


def test_several_workers_with_redis_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTBEAT_WORKERS", "2")
    monkeypatch.setenv("BOTBEAT_REDIS_URL", "redis://127.0.0.1:6379/0")
    settings = runpy.run_path(str(steps.ROOT / "gunicorn.conf.py"))
    assert (settings["workers"], settings["worker_class"]) == (2, "gevent")


def test_run_compresses_static_files_that_changed_and_only_those(tmp_path: Path) -> None:
    style, gone = tmp_path / "a.css", tmp_path / "gone.css.br"
    style.write_text("a { color: red }" * 50)
    gone.write_bytes(b"left over")
    static.compress(tmp_path)
    made = tmp_path / "a.css.br"
    assert {path.name for path in tmp_path.iterdir()} == {"a.css", "a.css.br", "a.css.gz"}
    first = made.stat().st_ctime_ns
    static.compress(tmp_path)
    assert made.stat().st_ctime_ns == first
    style.write_text("a { color: blue }" * 90)
    os.utime(style, ns=(0, style.stat().st_mtime_ns + 10**9))
    static.compress(tmp_path)
    assert brotli.decompress(made.read_bytes()) == style.read_bytes()
