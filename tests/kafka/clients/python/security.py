"""Checks a secured node with confluent-kafka and kafka-python: TLS, certificates of clients, SASL, SCRAM
credentials and ACLs. Starts the node itself, because it needs a configuration of its own.

Usage: security.py TIDEMILL [PATTERN]: the binary, and which checks to run.
"""

import contextlib
import logging
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time

import confluent_kafka
import kafka
from confluent_kafka import admin as confluent_admin
from kafka import errors as kafka_errors

from checks import Checks, equal
from confluent_cluster import one

STARTS_SECONDS = 20
SESSION_MS = 2000
ADMIN = ("PLAIN", "admin", "admin-secret")
AUTHORIZER = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"


def main():
    binary, pattern = sys.argv[1], (sys.argv[2:] or [""])[0]
    logging.disable(logging.CRITICAL)
    run(Node(binary, pathlib.Path(tempfile.mkdtemp(prefix="tidemill-security-"))), pattern)


def run(node, pattern):
    checks = Checks(pattern)
    checks.check("plain-over-tls", produce_and_consume, node.over_tls(*ADMIN))
    checks.check("plain-in-clear", produce_and_consume, node.in_clear(*ADMIN))
    checks.check("kafka-python-over-tls", kafka_python, node)
    for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
        checks.check(mechanism.lower(), scram, node, mechanism)
    checks.check("first-user", log_in, node.over_tls("SCRAM-SHA-512", "first", "first-secret"))
    checks.check("certificate", produce_and_consume, node.by_certificate())
    checks.check("no-certificate", refused, {**node.by_certificate(), "ssl.certificate.location": "",
                                             "ssl.key.location": ""})
    checks.check("wrong-password", refused, node.over_tls("PLAIN", "admin", "wrong"))
    checks.check("unknown-user", refused, node.over_tls("SCRAM-SHA-256", "nobody", "x"))
    checks.check("no-sasl", refused, {"bootstrap.servers": node.address("SASL_PLAINTEXT")})
    checks.check("no-tls", refused, {**node.in_clear(*ADMIN), "bootstrap.servers": node.address("SASL_SSL")})
    checks.check("kafka-python-wrong-password", kafka_python_refused, node)
    checks.check("acls", acls, node)
    checks.check("authenticates-again", authenticates_again, node)
    checks.check("secrets-are-sealed", secrets_are_sealed, node)
    checks.finish(before_exit=node.stop)


class Node:
    """A node with listeners of every kind."""

    def __init__(self, binary, directory):
        self.directory = directory
        self._ports = {name: free_port() for name in ("SSL", "SASL_SSL", "SASL_PLAINTEXT")}
        make_certificates(directory)
        (directory / "server.properties").write_text(self._properties())
        self._log = open(directory / "server.log", "w")
        self._process = subprocess.Popen(
            [binary, "server", "--data", directory / "data", "--config", directory / "server.properties"],
            stdout=self._log, stderr=self._log)
        for name in self._ports:
            self._await(name)

    def _properties(self):
        listeners = ",".join(f"{name}://127.0.0.1:{port}" for name, port in self._ports.items())
        users = "user_admin=\"admin-secret\" user_alice=\"alice-secret\""
        module = "org.apache.kafka.common.security.plain.PlainLoginModule"
        return f"""
listeners=http://127.0.0.1:0
schema.registry.listeners=
connect.rest.listeners=
kafka.listeners={listeners}
kafka.ssl.keystore.type=PEM
kafka.ssl.keystore.location={self.directory}/server.pem
kafka.ssl.truststore.type=PEM
kafka.ssl.truststore.location={self.directory}/ca.pem
kafka.listener.name.ssl.ssl.client.auth=required
kafka.ssl.principal.mapping.rules=RULE:^CN=(.*?),OU=.*$/$1/,DEFAULT
kafka.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
kafka.sasl.jaas.config={module} required {users};
kafka.sasl.scram.bootstrap.users=SCRAM-SHA-512=[name=first,password=first-secret]
kafka.listener.name.sasl_plaintext.plain.connections.max.reauth.ms={SESSION_MS}
kafka.authorizer.class.name={AUTHORIZER}
kafka.super.users=User:admin;User:operator
kafka.group.initial.rebalance.delay.ms=0
"""

    def _await(self, name):
        until = time.monotonic() + STARTS_SECONDS
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self._ports[name]), 1).close()
                return
            if self._process.poll() is not None or time.monotonic() > until:
                sys.exit(f"the node does not start:\n{(self.directory / 'server.log').read_text()}")
            time.sleep(0.05)

    def stop(self):
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
        self._log.close()
        shutil.rmtree(self.directory)

    def address(self, listener):
        return f"127.0.0.1:{self._ports[listener]}"

    def over_tls(self, mechanism, user, password):
        return {**self.in_clear(mechanism, user, password), "bootstrap.servers": self.address("SASL_SSL"),
                "security.protocol": "SASL_SSL", "ssl.ca.location": f"{self.directory}/ca.pem"}

    def in_clear(self, mechanism, user, password):
        return {"bootstrap.servers": self.address("SASL_PLAINTEXT"), "security.protocol": "SASL_PLAINTEXT",
                "sasl.mechanism": mechanism, "sasl.username": user, "sasl.password": password}

    def by_certificate(self):
        return {"bootstrap.servers": self.address("SSL"), "security.protocol": "SSL",
                "ssl.ca.location": f"{self.directory}/ca.pem",
                "ssl.certificate.location": f"{self.directory}/operator.crt",
                "ssl.key.location": f"{self.directory}/operator.key"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_certificates(directory):
    """An authority, and certificates that it signs for the server and for a client."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)

    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *new_key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Authority")
    extensions = directory / "extensions"
    for name, subject, extension in (("server", "/CN=localhost", "subjectAltName=IP:127.0.0.1"),
                                     ("operator", "/O=tests/OU=people/CN=operator", "basicConstraints=CA:FALSE")):
        extensions.write_text(extension)
        openssl("req", *new_key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject)
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                "-extfile", "extensions", "-out", f"{name}.crt")
    (directory / "server.pem").write_text(
        (directory / "server.key").read_text() + (directory / "server.crt").read_text())


def quietly(settings):
    return {**settings, "log_level": 0}


def administrator(settings):
    return confluent_admin.AdminClient(quietly(settings))


def log_in(settings):
    equal(True, len(administrator(settings).list_topics(timeout=10).brokers) > 0, "brokers")


def refused(settings):
    """The client must not get in."""
    try:
        administrator(settings).list_topics(timeout=3)
    except confluent_kafka.KafkaException:
        return
    raise AssertionError("was let in")


_topics = iter(f"topic-{number}" for number in range(1000))


def new_topic(settings):
    """Creates a topic and returns its name."""
    topic, admin = next(_topics), administrator(settings)
    # The client must outlive its call.
    one(admin.create_topics([confluent_admin.NewTopic(topic, 1, 1)]))
    return topic


def produce_and_consume(settings):
    topic = new_topic(settings)
    produce(settings, topic)
    equal([b"value"], consume(settings, topic), "values")


def produce(settings, topic):
    errors = []
    producer = confluent_kafka.Producer({**quietly(settings), "message.timeout.ms": 8000})
    producer.produce(topic, b"value", on_delivery=lambda error, _: errors.append(error))
    producer.flush(10)
    equal(1, len(errors), "deliveries")
    if errors[0] is not None:
        raise confluent_kafka.KafkaException(errors[0])


def consume(settings, topic):
    consumer = confluent_kafka.Consumer({
        **quietly(settings), "group.id": topic, "auto.offset.reset": "earliest"})
    try:
        consumer.subscribe([topic])
        record = consumer.poll(10)
        if record is None:
            return []
        if record.error():
            raise confluent_kafka.KafkaException(record.error())
        return [record.value()]
    finally:
        consumer.close()


def scram(node, mechanism):
    """A user gets a credential, logs in, and cannot any more once it is taken away."""
    admin, user = administrator(node.over_tls(*ADMIN)), f"user-{mechanism}"
    number = getattr(confluent_admin.ScramMechanism, mechanism.replace("-", "_"))
    credential = confluent_admin.ScramCredentialInfo(number, 8192)
    one(admin.alter_user_scram_credentials(
        [confluent_admin.UserScramCredentialUpsertion(user, credential, b"s3cret")]))
    described = one(admin.describe_user_scram_credentials([user]))
    equal([8192], [info.iterations for info in described.scram_credential_infos], "iterations")
    log_in(node.over_tls(mechanism, user, "s3cret"))
    refused(node.over_tls(mechanism, user, "other"))
    one(admin.alter_user_scram_credentials([confluent_admin.UserScramCredentialDeletion(user, number)]))
    refused(node.over_tls(mechanism, user, "s3cret"))


def kafka_python_settings(node, password):
    context = ssl.create_default_context(cafile=f"{node.directory}/ca.pem")
    return {"bootstrap_servers": node.address("SASL_SSL"), "security_protocol": "SASL_SSL", "ssl_context": context,
            "sasl_mechanism": "SCRAM-SHA-512", "sasl_plain_username": "first", "sasl_plain_password": password}


def kafka_python(node):
    """The first user is no super user: it may write after it was allowed to."""
    topic, admin = new_topic(node.over_tls(*ADMIN)), administrator(node.over_tls(*ADMIN))
    allow(admin, "User:first", topic, confluent_admin.AclOperation.ALL)
    producer = kafka.KafkaProducer(**kafka_python_settings(node, "first-secret"))
    producer.send(topic, b"value").get(10)
    producer.close()
    consumer = kafka.KafkaConsumer(
        **kafka_python_settings(node, "first-secret"), auto_offset_reset="earliest", consumer_timeout_ms=8000)
    consumer.assign([kafka.TopicPartition(topic, 0)])
    equal(b"value", next(consumer).value, "value")
    consumer.close()


def kafka_python_refused(node):
    try:
        kafka.KafkaProducer(**kafka_python_settings(node, "wrong"), bootstrap_timeout_ms=3000)
    except kafka_errors.KafkaError:
        return
    raise AssertionError("was let in")


def allow(admin, principal, topic, operation):
    one(admin.create_acls([acl(topic, principal, operation)]))


def acl(topic, principal, operation):
    return confluent_admin.AclBinding(
        confluent_admin.ResourceType.TOPIC, topic, confluent_admin.ResourcePatternType.LITERAL, principal, "*",
        operation, confluent_admin.AclPermissionType.ALLOW)


def acls(node):
    topic, admin = new_topic(node.over_tls(*ADMIN)), administrator(node.over_tls(*ADMIN))
    alice = node.over_tls("PLAIN", "alice", "alice-secret")
    equal(False, topic in administrator(alice).list_topics(timeout=10).topics, "an unseen topic is listed")
    denied(lambda: produce(alice, topic))
    allow(admin, "User:alice", topic, confluent_admin.AclOperation.WRITE)
    produce(alice, topic)
    equal(True, topic in administrator(alice).list_topics(timeout=10).topics, "a topic to write is listed")
    mine = confluent_admin.AclBindingFilter(
        confluent_admin.ResourceType.ANY, None, confluent_admin.ResourcePatternType.ANY, "User:alice", None,
        confluent_admin.AclOperation.ANY, confluent_admin.AclPermissionType.ANY)
    equal([topic], [found.name for found in admin.describe_acls(mine).result(timeout=10)], "ACLs of alice")
    equal(1, len(one(admin.delete_acls([mine]))), "deleted ACLs")
    denied(lambda: produce(alice, topic))


def denied(body):
    try:
        body()
    except confluent_kafka.KafkaException as failure:
        codes = (confluent_kafka.KafkaError.TOPIC_AUTHORIZATION_FAILED, confluent_kafka.KafkaError._MSG_TIMED_OUT)
        equal(True, failure.args[0].code() in codes, failure)
        return
    raise AssertionError("was not denied")


def authenticates_again(node):
    """Sessions end, so a client that sends for longer than one lasts must have authenticated again."""
    settings = node.in_clear(*ADMIN)
    topic = new_topic(settings)
    errors = []
    producer = confluent_kafka.Producer({**quietly(settings), "message.timeout.ms": 8000, "retries": 0})
    until = time.monotonic() + 3 * SESSION_MS / 1000
    while time.monotonic() < until:
        producer.produce(topic, b"value", on_delivery=lambda error, _: errors.append(error))
        producer.flush(5)
        time.sleep(0.05)
    equal([], [error for error in errors if error is not None], "errors")


def secrets_are_sealed(node):
    settings = node.over_tls(*ADMIN)
    topics = administrator(settings).list_topics(timeout=10).topics
    equal(False, "__tidemill_security" in topics, "the topic of secrets is listed")


if __name__ == "__main__":
    main()
