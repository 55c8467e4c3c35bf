"""The checks of confluent-kafka (librdkafka)."""

import checks
import confluent_admin
import confluent_cluster
import confluent_groups
import confluent_records

if __name__ == "__main__":
    # Groups wait the longest, so they begin.
    parts = [confluent_groups.add, confluent_records.add, confluent_admin.add]
    checks.main(
        "confluent-kafka", confluent_cluster.Cluster, parts, confluent_records.cross_write, confluent_records.cross_read)
