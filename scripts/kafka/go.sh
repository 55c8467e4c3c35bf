#!/usr/bin/env bash
# Runs a Go that is new enough for the checks of franz-go. Where the machine's own is older than the version
# that their go.mod names (Debian 12 has 1.19), the old one gets the official toolchain of that version: it is
# published as a Go module, and any Go downloads it as such and checks it against the checksum database.
# Usage: go.sh ARGUMENT...
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)

needed=$(sed -n 's/^go //p' "$root/tests/kafka/clients/franz-go/go.mod")
folder=$root/target/peers/go/$needed

# Asked outside of the module, which an old Go can't read, and without fetching another one by itself.
own_is_new_enough() {
  local own
  own=$(cd / && GOTOOLCHAIN=local go env GOVERSION)
  printf '%s\n' "go$needed" "$own" | sort -C -V
}

# The module's files are not executable, and only here may they be changed: the folder is a cache of its own.
fetch() {
  local module
  module=golang.org/toolchain@v0.0.1-go$needed.$(go env GOOS)-$(go env GOARCH)
  echo "tidemill: fetching Go $needed into $folder (70 MB)" >&2
  rm -rf "$folder"
  mkdir -p "$folder"
  (cd / && GOMODCACHE=$folder/cache GOFLAGS=-modcacherw GOTOOLCHAIN=local go mod download -json "$module") \
    > "$folder/fetch.log" 2>&1 || { cat "$folder/fetch.log" >&2; return 1; }
  mv "$folder/cache/$module" "$folder/go"
  rm -rf "$folder/cache"
  chmod -R u+x "$folder/go/bin" "$folder/go/pkg/tool"
  touch "$folder/stamp"
}

if own_is_new_enough; then exec go "$@"; fi
if [ ! -e "$folder/stamp" ]; then fetch; fi
GOTOOLCHAIN=local exec "$folder/go/bin/go" "$@"
