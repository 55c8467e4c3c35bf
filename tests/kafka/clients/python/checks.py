"""Runs named checks and prints a line for each: `ok NAME` or `FAILED NAME: reason`.

Used by the checks of every Python client. A check mostly waits (for groups to settle, for time-outs), so a
few run beside each other; each has its own topics.
"""

import concurrent.futures
import contextlib
import itertools
import json
import os
import re
import sys
import threading
import time

# A check that takes longer has failed: clients retry for minutes what a broker never answers.
LIMIT_SECONDS = 25
AT_A_TIME = 4
REASON_LENGTH_MAX = 300

COMPRESSIONS = ["none", "gzip", "snappy", "lz4", "zstd"]


class Checks:
    """The checks of one run."""

    def __init__(self, wanted=""):
        self._wanted = re.compile(wanted)
        self._places = threading.Semaphore(AT_A_TIME)
        self._runners = []
        self._lock = threading.Lock()
        self._passed = 0
        self._failed = 0

    def check(self, name, body, *arguments):
        """Runs a check soon, unless its name is not wanted."""
        if self._wanted.search(name):
            runner = threading.Thread(target=self._run, args=(name, body, arguments))
            runner.start()
            self._runners.append(runner)

    def finish(self, before_exit=lambda: None):
        """Waits for all checks, prints the count and ends the process; clients that hang don't hold it."""
        for runner in self._runners:
            runner.join()
        before_exit()
        print(f"{self._passed} passed, {self._failed} failed", flush=True)
        os._exit(0 if self._failed == 0 else 1)

    def _run(self, name, body, arguments):
        with self._places:
            answer = concurrent.futures.Future()
            threading.Thread(target=_answer, args=(answer, body, arguments), daemon=True).start()
            try:
                answer.result(LIMIT_SECONDS)
                self._report(name, None)
            except Exception as failure:
                told = f"{type(failure).__name__}: {failure}"
                self._report(name, told if answer.done() else f"not done after {LIMIT_SECONDS} s")

    def _report(self, name, reason):
        with self._lock:
            if reason is None:
                self._passed += 1
                print(f"ok {name}", flush=True)
            else:
                self._failed += 1
                print(f"FAILED {name}: {' '.join(reason.split())[:REASON_LENGTH_MAX]}", flush=True)


def _answer(answer, body, arguments):
    try:
        answer.set_result(body(*arguments))
    except BaseException as failure:
        answer.set_exception(failure)


def equal(expected, actual, what):
    """Fails the running check unless both are equal."""
    assert expected == actual, f"{what}: expected {expected!r}, got {actual!r}"


@contextlib.contextmanager
def fails(is_expected, what):
    """Fails the running check unless the block fails with an error that the function recognises."""
    try:
        yield
    except Exception as failure:
        assert is_expected(failure), f"{what}: {failure!r}"
        return
    raise AssertionError(f"{what} went well")


def until(condition, what):
    """Asks again until the answer is yes, and returns it."""
    end = time.monotonic() + LIMIT_SECONDS - 1
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.02)


class Names:
    """Names of topics and groups that nobody has used."""

    def __init__(self, prefix):
        self._prefix = prefix
        self._numbers = itertools.count(1)

    def new(self, stem):
        """The next name."""
        return f"{self._prefix}-{stem}-{next(self._numbers)}"


def load_expected():
    """What all clients agree on; the checks run in the project's root."""
    with open("tests/kafka/clients/expected.json", encoding="utf-8") as file:
        return json.load(file)


def cross_headers(record):
    """A cross record's headers as most clients want them."""
    return [(name, value.encode()) for name, value in record["headers"]]


def compare_cross(writer, shown):
    """Compares what was read with the agreed records.

    `shown` holds, by value, the key, partition, headers and timestamp of what was read.
    """
    records = load_expected()["records"]
    equal(len(records), len(shown), "records")
    for wanted in records:
        what = f"of {wanted['key']} ({wanted['compression']})"
        value = (wanted["value"] * wanted["times"]).encode()
        assert value in shown, f"no record has the value {what}"
        key, partition, headers, timestamp = shown[value]
        equal(wanted["key"].encode(), key, f"key {what}")
        equal(wanted["partition"], partition, f"partition {what}")
        equal(cross_headers(wanted), list(headers), f"headers {what}")
        # kcat has no option for the timestamp.
        if writer != "kcat":
            equal(wanted["timestamp"], timestamp, f"timestamp {what}")


def main(client, cluster_of, groups_of_checks, cross_write, cross_read):
    """Usage: PROGRAM BOOTSTRAP RUN checks [PATTERN] | write | read WRITER...

    RUN makes the names of topics and groups new, so that a broker can be checked again and again.
    """
    if len(sys.argv) < 4:
        sys.exit(main.__doc__)
    bootstrap, run, phase, rest = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    checks = Checks(rest[0] if phase == "checks" and rest else "")
    cluster = cluster_of(bootstrap, Names(f"{run}-{client}"))
    if phase == "checks":
        for add in groups_of_checks:
            add(checks, cluster)
    elif phase == "write":
        checks.check("cross-write", cross_write, cluster, f"{run}-cross-{client}")
    elif phase == "read":
        for writer in rest:
            checks.check(f"cross-read-{writer}", cross_read, cluster, writer, f"{run}-cross-{writer}")
    else:
        sys.exit(f"unknown phase {phase}")
    checks.finish()
