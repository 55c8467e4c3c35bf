"""Points kafka-python's integration tests at a running broker.

A pytest plugin, loaded by run.sh. The tests start a broker of their own for each module through
`KafkaFixture.instance`; this replaces that one function by one that answers the broker under test, and
writes one line per test to the results file. It must not change what a test does or expects.

SUITE_BOOTSTRAP, SUITE_SASL_BOOTSTRAP and SUITE_SSL_BOOTSTRAP are HOST:PORT of the listeners; tests of a
listener that is not given are skipped. SUITE_SSL_DIRECTORY holds the file `ca-cert`. The SASL listener
knows the user that the tests log in with.
"""

import os
import sys
import types

import pytest

LISTENERS = {
    "PLAINTEXT": "SUITE_BOOTSTRAP",
    "SASL_PLAINTEXT": "SUITE_SASL_BOOTSTRAP",
    "SSL": "SUITE_SSL_BOOTSTRAP",
}


class RunningService:
    """Stands for the broker's process, which this test run neither started nor may stop."""

    def __init__(self, host, port):
        self.host, self.port = host, port

    def dump_logs(self):
        """The log is where whoever started the broker put it."""

    def stop(self):
        """Leaves the broker running."""


class NoService:
    """Stands for a process that the tests would start; none may."""

    def __init__(self, *arguments, **options):
        raise RuntimeError("the tests run against a given broker and start none")


def supply_service_module():
    """The source distribution leaves out the module that starts processes."""
    service = types.ModuleType("test.service")
    service.ExternalService = RunningService
    service.SpawnedService = NoService
    sys.modules["test.service"] = service


# Before pytest imports the tests' own conftest, which needs the module.
supply_service_module()


def running_broker(fixtures):
    """The replacement of `KafkaFixture.instance`."""

    def instance(broker_id, transport="PLAINTEXT", sasl_mechanism=None, partitions=4, **_):
        address = os.environ.get(LISTENERS[transport])
        if not address:
            pytest.skip(f"no {transport} listener was given")
        host, port = address.rsplit(":", 1)
        broker = fixtures.KafkaFixture(
            host, int(port), broker_id, transport=transport, sasl_mechanism=sasl_mechanism,
            partitions=partitions, external=True)
        broker.ssl_dir = os.environ.get("SUITE_SSL_DIRECTORY")
        return broker

    return instance


def topic_names(fixtures):
    """The replacement of `KafkaFixture.get_topic_names`, which runs a shell script of Apache Kafka's."""

    def list_topics(broker):
        with fixtures.KafkaAdminClient(**fixtures.client_params(broker, "topics")) as admin:
            return admin.list_topics()

    return list_topics


def pytest_sessionstart():
    from test.integration import fixtures

    fixtures.KafkaFixture.instance = running_broker(fixtures)
    fixtures.KafkaFixture.get_topic_names = topic_names(fixtures)


def pytest_runtest_logreport(report):
    """One line per test: the outcome of its body, or of its set-up when that did not pass."""
    if report.when != "call" and report.outcome == "passed":
        return
    if report.when == "teardown" and report.outcome == "skipped":
        return
    name = report.nodeid.removeprefix("test/integration/").replace("\t", " ")
    with open(os.environ["SUITE_RESULTS"], "a", encoding="utf-8") as results:
        results.write(f"{name}\t{report.outcome}\n")
