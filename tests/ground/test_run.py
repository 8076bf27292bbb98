"""The first command a newcomer types: it sets up, survives what can go wrong on the way, and hands over."""

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and shell scripts")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "packaging").mkdir()
    for name in ("run.py", "pyproject.toml", "packaging/requirements.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def run(checkout: Path) -> ModuleType:
    """A run.py that believes the temporary folder to be its checkout."""
    spec = importlib.util.spec_from_file_location("run", checkout / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def started(checkout: Path, script: str, **options) -> subprocess.Popen:
    """A process of its own that runs the script with `run` imported from the checkout."""
    return subprocess.Popen(
        [sys.executable, "-c", "import run, sys\n" + script], cwd=checkout, text=True, stdout=subprocess.PIPE, **options
    )


def make_ready(run: ModuleType, checkout: Path, server: str) -> None:
    """As if set-up had been done, with a server of one line."""
    (checkout / "server").mkdir()
    (checkout / "server" / "__main__.py").write_text(server)
    Path(run.BIN).mkdir(parents=True)
    Path(run.PYTHON).symlink_to(sys.executable)
    run.stamp(run.wanted())


def patiently(answer) -> None:
    deadline = time.monotonic() + 10
    while not answer():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# An old Python


def test_an_old_python_can_read_it() -> None:
    source = (ROOT / "run.py").read_bytes()
    ast.parse(source, feature_version=(3, 6))
    assert source.isascii()  # Python 2.7 stops at anything else


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 10, 13)])
def test_an_old_python_is_refused_in_one_line(checkout: Path, version: tuple[int, ...]) -> None:
    script = f"import runpy, sys; sys.version_info = {(*version, 'final', 0)}; sys.argv = ['run.py', 'serve']"
    done = subprocess.run(
        [sys.executable, "-c", script + "; runpy.run_path('run.py', run_name='__main__')"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    this = ".".join(map(str, version))
    assert done.stderr == (
        f"Tallyback needs Python 3.11 or newer; this is Python {this}. "
        "Install a newer Python and run: python3.11 run.py\n"
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert not (checkout / ".venv.lock").exists()


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 1), (4, 0, 0)])
def test_a_newer_python_is_welcome(run: ModuleType, version: tuple[int, ...]) -> None:
    assert run.refusal(version) == ""


# What has to be done


@pytest.fixture
def steps(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every step is done at once and noted."""
    done: list[str] = []

    def make_environment() -> None:
        done.append("environment")
        Path(run.BIN).mkdir(parents=True, exist_ok=True)
        Path(run.STAMP).unlink(missing_ok=True)
        Path(run.PYTHON).touch()

    monkeypatch.setattr(run, "make_environment", make_environment)
    monkeypatch.setattr(run, "fetch_packages", lambda: done.append("packages"))
    monkeypatch.setattr(run, "install_project", lambda: done.append("project"))
    return done


EVERYTHING = ["environment", "packages", "project"]


def test_set_up_is_done_once(run: ModuleType, steps: list[str]) -> None:
    run.prepare()
    run.prepare()
    assert steps == EVERYTHING


def append(path: str) -> None:
    with Path(path).open("a") as file:
        file.write("\n")


@pytest.mark.parametrize(
    ("mishap", "done_again"),
    [
        (lambda run: Path(run.STAMP).unlink(), EVERYTHING),
        (lambda run: Path(run.STAMP).write_text(""), EVERYTHING),
        (lambda run: Path(run.PYTHON).unlink(), EVERYTHING),
        (lambda run: append(run.LOCK), EVERYTHING),
        (lambda run: setattr(run, "HERE", "/somewhere/else"), EVERYTHING),
        (lambda run: append(run.PROJECT), ["project"]),
        (lambda run: run.stamp(run.stamped()[:1]), ["project"]),
    ],
    ids=["half made", "torn stamp", "Python gone", "new lock", "moved", "new project", "project half installed"],
)
def test_what_is_no_longer_right_is_made_anew(run: ModuleType, steps: list[str], mishap, done_again: list[str]) -> None:
    run.prepare()
    steps.clear()
    mishap(run)
    run.prepare()
    assert steps == done_again
    assert run.stamped() == run.wanted()


@pytest.mark.parametrize("step", ["make_environment", "fetch_packages", "install_project"])
def test_stopped_at_any_step_it_ends_the_next_time(
    run: ModuleType, steps: list[str], step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as at_this_step:
        at_this_step.setattr(run, step, stop)
        with pytest.raises(KeyboardInterrupt):
            run.prepare()
    assert run.stamped() != run.wanted()
    run.prepare()
    assert steps[-1] == "project"
    assert run.stamped() == run.wanted()


def test_an_environment_in_the_making_has_no_stamp(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_arguments, **_options) -> None:
        raise KeyboardInterrupt

    Path(run.VENV).mkdir()
    run.stamp(run.wanted())
    monkeypatch.setattr(run, "quiet", stop)
    with pytest.raises(KeyboardInterrupt):
        run.make_environment()
    assert not Path(run.STAMP).exists()


# Two at once, and the end of one


@POSIX
def test_a_second_start_waits_for_the_first_and_goes_on_with_its_work(run: ModuleType, checkout: Path) -> None:
    first = started(checkout, "with run.one_at_a_time(): print('held', flush=True); sys.stdin.read()", stdin=-1)
    assert first.stdout.readline() == "held\n"
    second = subprocess.Popen(
        [sys.executable, "run.py", "demo", "--for", "1s"],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert second.stderr.readline() == "Another set-up is running, waiting for it.\n"
    make_ready(run, checkout, "import sys; print(sys.argv[1:])")
    first.communicate()
    assert second.communicate() == ("['demo', '--for', '1s']\n", "")
    assert (first.returncode, second.returncode) == (0, 0)


@POSIX
def test_a_killed_set_up_keeps_the_lock_until_its_pip_has_ended_too(run: ModuleType, checkout: Path) -> None:
    pip = ["sh", "-c", "touch started; while [ ! -e enough ]; do sleep 0.02; done"]
    killed = started(checkout, f"with run.one_at_a_time(): run.quiet({pip}, close_fds=False)")
    patiently((checkout / "started").exists)
    killed.kill()
    killed.communicate()
    with Path(run.VENV + ".lock").open("a") as lock:
        assert not run.claim(lock)
        (checkout / "enough").touch()
        patiently(lambda: run.claim(lock))


@POSIX
def test_told_to_stop_it_stops_what_it_started(run: ModuleType, checkout: Path) -> None:
    script = """
def prepare():
    with run.one_at_a_time():
        run.quiet(["sh", "-c", "sleep 60 & touch started; wait"], close_fds=False)
run.prepare = prepare
sys.exit(run.main([]))
"""
    stopped = started(checkout, script)
    patiently((checkout / "started").exists)
    stopped.terminate()
    stopped.communicate()
    assert stopped.returncode == 143
    with Path(run.VENV + ".lock").open("a") as lock:
        patiently(lambda: run.claim(lock))


def test_a_system_without_a_build_of_qt_gets_all_the_rest(run: ModuleType) -> None:
    Path(run.VENV).mkdir()
    rest = Path(run.lock_without(list(run.DISPENSABLE))).read_text()
    left_out = [entry for entry in re.split(r"\n(?=\S)", Path(run.LOCK).read_text()) if entry not in rest]
    assert sorted(entry.split("==")[0] for entry in left_out) == sorted(run.DISPENSABLE)
    assert run.lock_without([]) == run.LOCK


# What goes wrong names its remedy


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        ("OSError: [Errno 28] No space left on device", "make room"),
        ("[Errno 30] Read-only file system: '/mnt/.venv.lock'", "copy it to where it can"),
        ("[Errno 13] Permission denied: '/opt/.venv.lock'", "copy it to one of your own"),
        ("not created successfully because ensurepip is not\navailable.", "sudo apt-get install python3-venv"),
        ("WARNING: Retrying after connection broken by X\nERROR: No matching distribution found", "when online"),
        ("ERROR: No matching distribution found for x==1", "none for this system"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", "not the one that was locked"),
        ("Segmentation fault", "Mend what it says above"),
    ],
)
def test_a_failure_ends_with_what_to_do(run: ModuleType, words: str, remedy: str) -> None:
    *said, advice = str(run.SetUpError(words)).splitlines()
    assert said == words.splitlines()
    assert remedy in advice


def test_a_long_failure_shows_only_its_end(run: ModuleType) -> None:
    words = "\n\n".join(f"line {number}" for number in range(100))
    assert str(run.SetUpError(words)).splitlines()[:-1] == [f"line {number}" for number in range(92, 100)]


@POSIX
def test_a_folder_that_cannot_be_written_is_no_traceback(checkout: Path) -> None:
    (checkout / ".venv.lock").mkdir()
    done = subprocess.run([sys.executable, "run.py"], cwd=checkout, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.endswith("run it again.\n")


# What is run at the end


@pytest.mark.parametrize(
    ("arguments", "desktop", "display", "problem", "told", "reason"),
    [
        ([], True, True, "", [], ""),
        ([], False, True, "", ["serve"], "not part of this version"),
        ([], True, False, "", ["serve"], "no display"),
        ([], True, True, "Qt lacks libraries; type: sudo x", ["serve"], "type: sudo x"),
    ],
)
def test_the_desktop_opens_where_it_can_and_the_server_runs_where_it_cannot(
    run: ModuleType, arguments: list[str], desktop: bool, display: bool, problem: str, told: list[str], reason: str
) -> None:
    given, said = run.command(arguments, desktop, display, lambda: problem)
    assert given == told
    assert reason in said
    assert bool(said) == bool(reason)
    assert "\n" not in said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["serve", "--port", "8710"], ["serve", "--port", "8710"]),
        (["demo", "--for", "20s"], ["demo", "--for", "20s"]),
        (["--", "test", "summer"], ["test", "summer"]),
    ],
)
def test_a_command_goes_through_and_asks_nothing_of_qt(run: ModuleType, arguments: list[str], told: list[str]) -> None:
    assert run.command(arguments, True, True, pytest.fail) == (told, "")


@pytest.mark.parametrize(("desktop", "display"), [(False, True), (True, False)])
def test_nothing_is_installed_for_a_desktop_that_would_not_open(run: ModuleType, desktop: bool, display: bool) -> None:
    run.command([], desktop, display, pytest.fail)


@pytest.mark.parametrize(
    ("environ", "platform", "display"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({"DISPLAY": ""}, "linux", False),
        ({}, "linux", False),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_a_display_is_known(run: ModuleType, environ: dict[str, str], platform: str, display: bool) -> None:
    assert run.has_display(environ, platform) is display


@POSIX
def test_the_process_turns_into_the_command_wherever_it_is_called(run: ModuleType, checkout: Path) -> None:
    make_ready(run, checkout, "import os, sys; print(os.getpid()); sys.exit(7)")
    elsewhere = checkout / "elsewhere"
    (elsewhere / "server").mkdir(parents=True)
    (elsewhere / "server" / "__main__.py").write_text("print('some other server')")
    process = subprocess.Popen(
        [sys.executable, checkout / "run.py", "serve"],
        cwd=elsewhere,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        text=True,
        stdout=subprocess.PIPE,
    )
    assert process.communicate()[0] == f"{process.pid}\n"
    assert process.returncode == 7


@POSIX
def test_the_bench_runs_where_it_is_called_so_that_its_folders_are_those_of_the_caller(
    run: ModuleType, checkout: Path
) -> None:
    make_ready(run, checkout, "")
    bench, elsewhere = checkout / "tests" / "bench", checkout / "elsewhere"
    for folder in (bench, elsewhere):
        folder.mkdir(parents=True)
    (bench / "__main__.py").write_text("import os, sys; print(os.getcwd(), sys.argv[1:]); sys.exit(7)")
    done = subprocess.run(
        [sys.executable, checkout / "run.py", "bench", "--quick"],
        cwd=elsewhere,
        text=True,
        capture_output=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == (f"{elsewhere} ['--quick']\n", 7)


@POSIX
@pytest.mark.parametrize("failing", ["", "ruff", "pytest"])
def test_every_check_runs_whatever_fails_and_pytest_is_the_last(
    run: ModuleType, checkout: Path, failing: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    Path(run.BIN).mkdir(parents=True)
    for tool in ("ruff", "mypy", "lint-imports", "python"):
        code = int(failing == tool or (failing == "pytest" and tool == "python"))
        script = Path(run.BIN, tool)
        script.write_text(f"#!/bin/sh\necho {tool} $QT_QPA_PLATFORM $*\nexit {code}\n")
        script.chmod(0o755)
    monkeypatch.chdir(checkout)
    monkeypatch.setattr(run, "qt_problem", lambda _libraries: "")
    monkeypatch.setattr(run, "get_browser", lambda: None)
    assert run.test([]) == bool(failing)
    said = capfd.readouterr()
    assert said.out.splitlines() == [
        "ruff offscreen check .",
        "ruff offscreen format --check .",
        "mypy offscreen",
        "lint-imports offscreen",
        f"python offscreen -m pytest -q -n {(os.cpu_count() or 1) + 1} --dist loadfile --no-loadscope-reorder",
    ]
    verdicts = dict(verdict.rsplit(" ", 1) for verdict in said.err.splitlines()[-1].split(", "))
    assert [*verdicts] == ["ruff check", "ruff format", "mypy", "imports", "pytest"]
    assert [name for name, verdict in verdicts.items() if verdict == "FAILED"] == [
        name for name in verdicts if failing and name.startswith(failing)
    ]


@pytest.mark.parametrize(
    ("arguments", "there", "installed"),
    [
        ([], "", ["chromium"]),
        (["tests/browser", "-k", "go"], "", ["chromium"]),
        (["tests/setup"], "", []),
        ([], "google-chrome", []),
    ],
)
def test_a_browser_is_fetched_for_the_tests_that_need_one_and_only_where_there_is_none(
    run: ModuleType,
    checkout: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    there: str,
    installed: list[str],
) -> None:
    fetched: list[str] = []
    monkeypatch.chdir(checkout)
    monkeypatch.setattr(run.sys, "platform", "linux")
    monkeypatch.setattr(run.shutil, "which", lambda name: name if name == there else None)
    monkeypatch.setattr(run, "apt_install", fetched.append)
    monkeypatch.setattr(run, "qt_problem", lambda _libraries: "")
    monkeypatch.setattr(run, "attend", lambda *_: 0)
    monkeypatch.setattr(run, "become", lambda *_: 0)
    assert run.test(arguments) == 0
    assert fetched == installed


@POSIX
def test_the_continuous_run_calls_this_file_and_nothing_else(tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text("#!/bin/sh\necho $PWD $*\nexit 3\n")
    python.chmod(0o755)
    done = subprocess.run(
        ["bash", ROOT / ".ci" / "run"],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == (f"{ROOT} run.py test\n", "", 3)
