# SPDX-License-Identifier: MIT
"""Processes, ports and a folder that belong to one run and end with it: on success, on failure and on Ctrl-C."""

import atexit
import collections
import ctypes
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None).prctl


def _die_with_parent():
    """Runs in the child: the kernel ends it should this process be killed before it can clean up."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _ends_within(process, timeout):
    """Waits for its end without reaping it, so that its process group stays ours."""
    end = None if timeout is None else time.monotonic() + timeout
    options = os.WEXITED | os.WNOWAIT | (0 if end is None else os.WNOHANG)
    try:
        while os.waitid(os.P_PID, process.pid, options) is None:
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
    except ChildProcessError:  # somebody else waited for it as well
        pass
    return True


def _kill_group(process):
    """What it left behind: each process leads a session of its own (see Room.start)."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Failed(Exception):
    """Something of the surroundings did not work; the words are for the person who reads the output."""


class Room:
    """A temporary folder and the processes started in it."""

    def __init__(self, name):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix=f"tombolo-{name}-"))
        self.processes = []
        atexit.register(self.close)

    def folder(self, name):
        path = self.path / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def start(self, name, argv, env=None, cwd=None):
        """Starts argv with its output in NAME.log; the log is appended to where the name is used again. Only from the main
        thread: the kernel takes the end of the thread that started a process for the end of its parent."""
        assert threading.current_thread() is threading.main_thread()
        log = open(self.path / f"{name}.log", "ab")
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                   env={**os.environ, **(env or {})}, cwd=cwd or self.path,
                                   start_new_session=True, preexec_fn=_die_with_parent)
        log.close()
        process.log_path = self.path / f"{name}.log"
        process.name = name
        self.processes.append(process)
        return process

    def stop(self, process, sig=signal.SIGTERM, timeout=10):
        """Ends one of our own processes and what it started, and returns its exit status; one that will not end is killed."""
        if process.returncode is None:
            process.send_signal(sig)
            if not _ends_within(process, timeout):
                process.kill()
                _ends_within(process, None)
            _kill_group(process)
            process.wait()
        if process in self.processes:
            self.processes.remove(process)
        return process.returncode

    def kill(self, process):
        """As a power cut."""
        self.stop(process, signal.SIGKILL)

    def close(self):
        """Safe to call twice. TOMBOLO_KEEP=1 leaves the folder for a look."""
        atexit.unregister(self.close)
        for process in reversed(self.processes[:]):
            self.stop(process, timeout=5)
        if os.environ.get("TOMBOLO_KEEP"):
            print(f"kept: {self.path}")
        else:
            shutil.rmtree(self.path, ignore_errors=True)


def end_on_signals():
    """TERM and HUP end the run like Ctrl-C does, so that every `finally` and atexit is run; a second one is not heeded."""
    def stop(number, frame):
        for sig in ends:
            signal.signal(sig, signal.SIG_IGN)
        raise KeyboardInterrupt
    ends = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for sig in ends:
        signal.signal(sig, stop)


_leases = collections.deque(maxlen=200)  # the oldest are given back: whoever asked has bound them long ago


def _is_free(port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        try:
            tcp.bind(("127.0.0.1", port))
            udp.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port():
    """A loopback port that is free for UDP and TCP alike. It lies below the ports that the kernel gives to outgoing
    connections, and a name in the abstract socket space keeps it from every other run on this machine."""
    while True:
        port = random.randrange(12000, 32000)
        lease = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            lease.bind(f"\0tombolo-port-{port}")
        except OSError:
            lease.close()
            continue
        _leases.append(lease)
        if _is_free(port):
            return port


def tail(path, lines=15):
    try:
        return "\n".join(pathlib.Path(path).read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def wait_until(process, ready, what, timeout=20):
    """Polls ready() until it is true; Failed with the end of the log if the process ends or time is up."""
    end = time.monotonic() + timeout
    while not ready():
        if process.poll() is not None:
            raise Failed(f"{process.name} ended ({process.returncode}) before {what}:\n{tail(process.log_path)}")
        if time.monotonic() > end:
            raise Failed(f"{process.name}: {what} did not happen within {timeout} s:\n{tail(process.log_path)}")
        time.sleep(0.02)


def listens(port):
    with socket.socket() as s:
        s.settimeout(0.5)
        return s.connect_ex(("127.0.0.1", port)) == 0


def cpu_seconds(pid):
    """User and system time a process has used so far (proc(5))."""
    with open(f"/proc/{pid}/stat", "rb") as f:
        fields = f.read().rsplit(b")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
