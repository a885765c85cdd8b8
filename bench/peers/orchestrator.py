"""What orchestrators have in common: they are started, left to rest, and asked for runs of ten steps that do nothing.

Each figure goes out as a line of JSON as soon as it is there. When standard input ends, whoever asked is gone: all that was
started is ended.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REST_SECONDS = 10
LONGEST_SECONDS = 240
RUNS_AT_ONCE = 20

answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)
started = []


def say(figure, value):
    answers.write(json.dumps({"figure": figure, "value": value}) + "\n")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(command, env, log):
    """Starts a command in a process group of its own, so that all of it can be ended."""
    with open(log, "ab") as out:
        child = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    started.append(child)
    return child


def stop_all():
    for name in (signal.SIGTERM, signal.SIGKILL):
        for child in started:
            try:
                os.killpg(child.pid, name)
            except ProcessLookupError:
                pass
        deadline = time.monotonic() + 15
        while name is signal.SIGTERM and time.monotonic() < deadline and any(tree_of(one.pid)[1:] or one.poll() is None for one in started):
            time.sleep(0.2)
    for child in started:
        child.wait()
    started.clear()


def end_with_input():
    def wait():
        while os.read(0, 4096):
            pass
        stop_all()
        os._exit(4)

    threading.Thread(target=wait, daemon=True).start()
    # As an exception, so that what was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(4))


def tree_of(root):
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = re.search(r"^PPid:\s+(\d+)$", (entry / "status").read_text(), re.M)
            except OSError:
                continue
            if parent:
                parents.setdefault(int(parent[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found.extend(parents.get(pid, []))
    return found


def memory():
    """Megabytes of PSS of everything that was started."""
    kilobytes = 0
    for child in started:
        for pid in tree_of(child.pid):
            try:
                found = re.search(r"^Pss:\s+(\d+) kB$", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
            except OSError:
                continue
            kilobytes += int(found[1]) if found else 0
    return kilobytes / 1024


def ask(url, body=None, headers=None):
    """Sends JSON where there is any, and returns what is answered."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json", **(headers or {})})
    deadline = time.monotonic() + LONGEST_SECONDS
    while True:
        try:
            with urllib.request.urlopen(request, timeout=LONGEST_SECONDS) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            # Prefect says so while its database is locked, and its own clients ask again.
            if error.code not in (429, 503) or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def until(what, look, every=0.05):
    """Waits for something to be true; what is not there yet may refuse to answer."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while True:
        try:
            found = look()
            if found:
                return found
        except (urllib.error.URLError, ConnectionError, TimeoutError, KeyError, IndexError, TypeError):
            pass
        for child in started:
            if child.poll() is not None:
                raise RuntimeError(f"{what}: a process ended with {child.returncode}")
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what}: not within {LONGEST_SECONDS} s")
        time.sleep(every)


def first(launch, ended):
    """A run that is not counted. On a busy machine a tool's own time-outs may fail it: it is tried once more then."""
    for attempt in range(2):
        run = launch()
        try:
            until("the first run", lambda: ended(run))
            return
        except RuntimeError:
            if attempt == 1:
                raise


def measure(begin, launch, ended, rounds=3):
    """Measures one orchestrator.

    `begin()` starts it and returns when it would run something; `launch()` begins a run and returns its id; `ended(run)`
    says whether it has ended well, and raises where it failed.
    """
    end_with_input()
    try:
        began = time.perf_counter()
        begin()
        say("ready", time.perf_counter() - began)
        time.sleep(REST_SECONDS)
        say("idle", memory())
        first(launch, ended)
        for _ in range(rounds):
            began = time.perf_counter()
            run = launch()
            until("a run of ten steps", lambda: ended(run))
            say("tenSteps", time.perf_counter() - began)
        began = time.perf_counter()
        with ThreadPoolExecutor(RUNS_AT_ONCE) as pool:
            runs = list(pool.map(lambda _: launch(), range(RUNS_AT_ONCE)))
        for run in runs:
            until("20 runs at once", lambda: ended(run), every=0.2)
        say("twentyRuns", time.perf_counter() - began)
    finally:
        stop_all()
