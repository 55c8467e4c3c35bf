#!/bin/sh
# Fetches MySQL 9.x from Debian sid into a directory of its own, without installing anything:
# an apt root with the machine's own mirror, the server's packages unpacked side by side.
#
#     scripts/fetch-mysql.sh DIRECTORY
#
# Afterwards DIRECTORY/mysqld runs the server with its own libraries.
set -eu
target=${1:?usage: fetch-mysql.sh DIRECTORY}
mkdir -p "$target/apt/state/lists/partial" "$target/apt/cache/archives/partial" "$target/apt/etc/preferences.d" "$target/root"
target=$(cd "$target" && pwd)
mirror=$(sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v security | awk '{print $1}' | head -n 1)
: "${mirror:=http://deb.debian.org/debian}"
echo "deb [trusted=yes] $mirror sid main" > "$target/apt/etc/sources.list"
: > "$target/apt/state/status"
apt() {
    apt-get -q -y \
        -o Dir::State="$target/apt/state" -o Dir::State::status="$target/apt/state/status" \
        -o Dir::Cache="$target/apt/cache" -o Dir::Etc::sourcelist="$target/apt/etc/sources.list" \
        -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferencesparts="$target/apt/etc/preferences.d" \
        -o Acquire::Check-Valid-Until=false -o APT::Install-Recommends=false -o APT::Sandbox::User=root "$@"
}
apt update
apt --download-only install mysql-server-core
for package in "$target"/apt/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$target/root"
done
cat > "$target/mysqld" <<EOF
#!/bin/sh
exec "\$(ls $target/root/lib64/ld-linux-* $target/root/usr/lib64/ld-linux-* $target/root/lib/ld-linux-* 2>/dev/null | head -n 1)" \\
    --library-path $target/root/usr/lib/$(dpkg --print-architecture | sed 's/amd64/x86_64/; s/arm64/aarch64/')-linux-gnu:$target/root/usr/lib/mysql/private \\
    $target/root/usr/sbin/mysqld "\$@"
EOF
chmod +x "$target/mysqld"
"$target/mysqld" --no-defaults --version
