# Two commands do everything: `make demo` and `make test`.
# Variables: CYCLES (kill -9 cycles of the recovery test), KAFKA_CYCLES (the same under Kafka clients), SEEDS (simulated
# runs), FUZZ_SECONDS (time of each fuzz test), SHELL_AFTER=1 (demo leaves the shell open).

CARGO ?= cargo
CYCLES ?= 50
KAFKA_CYCLES ?= 100
FUZZ_SECONDS ?= 600
export CYCLES

.PHONY: help build demo test kafka-test kafka-suites fuzz bench check fmt tidy ratchet clean

help:
	@echo "make demo     build, capture a MariaDB database, show live tables (under 60 s once built)"
	@echo "make test     install what the tests need and run all of them"
	@echo "make kafka-test  only the part of it that runs Kafka clients against the binary"
	@echo "make kafka-suites  run public test suites of Kafka clients against the binary"
	@echo "make fuzz     send damaged requests and record batches, ten minutes each"
	@echo "make bench    print every speed as a ratio taken in the same run"
	@echo "make check    formatting, lints, house rules"
	@echo "make ratchet  raise the recorded number of passing ksqlDB cases to today's"

build:
	$(CARGO) build --release --bin tidemill

demo:
	scripts/install-needs.sh mariadb
	$(MAKE) build
	scripts/demo.sh

check: fmt tidy
	$(CARGO) clippy --workspace --all-targets -- -D warnings

fmt:
	$(CARGO) fmt --all --check

tidy:
	$(CARGO) run --quiet -p xtask -- tidy

test:
	scripts/install-needs.sh tests
	$(MAKE) check
	$(CARGO) test --workspace
	scripts/ksqldb-cases.sh
	$(MAKE) kafka-test

# Others' programs against the binary that the tests were built with. They have time-outs of their own, which a
# busy machine may miss, so what fails is run once more; only what fails twice has failed.
twice = $(1) || { echo "once more: $(1)" >&2; $(1); }
kafka-test: export TIDEMILL_BIN = $(CURDIR)/target/debug/tidemill
kafka-test:
	$(CARGO) build --bin tidemill
	$(call twice,scripts/kafka-clients.sh)
	$(call twice,scripts/kafka-security.sh)
	scripts/kafka-faults.sh --cycles $(KAFKA_CYCLES)

kafka-suites: export TIDEMILL_BIN = $(CURDIR)/target/debug/tidemill
kafka-suites:
	$(CARGO) build --bin tidemill
	scripts/kafka-suites.sh

ratchet:
	scripts/ksqldb-cases.sh --raise

fuzz:
	FUZZ_SECONDS=$(FUZZ_SECONDS) $(CARGO) test --package broker --lib -- tests::fuzz

bench:
	scripts/install-needs.sh mariadb
	$(MAKE) build
	scripts/bench.sh

clean:
	$(CARGO) clean
