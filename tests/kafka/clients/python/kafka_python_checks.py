"""The checks of kafka-python."""

import logging

import checks
import kafka_python_admin
import kafka_python_cluster
import kafka_python_groups
import kafka_python_records

if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    # Groups wait the longest, so they begin.
    parts = [kafka_python_groups.add, kafka_python_records.add, kafka_python_admin.add]
    checks.main(
        "kafka-python", kafka_python_cluster.Cluster, parts, kafka_python_records.cross_write,
        kafka_python_records.cross_read)
