#!/usr/bin/env bash
# Prints every speed as a ratio taken in the same run. Arguments name groups; without any, all run:
# json avro commit process pull broker kafka capture. Variables: STATE_MB (state that the server starts with;
# 1000 is what the bar is about, less is quicker). Scratch files lie below target/, on a real disk.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo=${CARGO:-cargo}
mkdir -p target/bench
case " ${*:-broker kafka} " in
  *" broker "* | *" kafka "*) scripts/install-needs.sh kafka ;;
esac
export TMPDIR=${TMPDIR:-$PWD/target/bench}
# Chosen by --bin and not by -p, so that dependencies have the same features as in `make build`.
exec "$cargo" run --quiet --release --bin bench -- "$@"
