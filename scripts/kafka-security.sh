#!/usr/bin/env bash
# Checks a secured node (TLS, certificates, SASL, ACLs) with confluent-kafka and kafka-python.
#
# Usage: kafka-security.sh [PATTERN]: which checks to run (default: all). The binary is
#   target/release/tidemill, or TIDEMILL_BIN. Fails when a check fails.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-needs.sh kafka-security
exec target/peers/python/bin/python tests/kafka/clients/python/security.py \
  "${TIDEMILL_BIN:-target/release/tidemill}" "${1:-}"
