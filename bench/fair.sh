#!/bin/sh
# Latency of examples/hello alone, and beside two endless guests for each processor. See bench/README.md.
# usage: bench/fair.sh [SECONDS]
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-10}
for tool in wrk curl; do
    command -v $tool > /dev/null || { echo "bench/fair.sh needs $tool" >&2; exit 2; }
done
./selvage version > /dev/null
work=$(mktemp -d)
node=
trap '[ -z "$node" ] || kill "$node" 2> /dev/null || true; wait; rm -rf "$work"' EXIT
cp examples/hello/hello.wasm bench/fair/spin.wat "$work"
cat > "$work/selvage.toml" <<'TOML'
name = "fair"

[[function]]
name = "hello"
source = "hello.wasm"
routes = ["GET /"]

[[function]]
name = "spin"
source = "spin.wat"
routes = ["GET /spin"]
limits = { wall = "300s", cpu = "300s" }
TOML
SELVAGE_BUILD=never ./selvage up "$work" --listen 127.0.0.1:0 --admin 127.0.0.1:0 --state "$work/state" > "$work/log" 2>&1 &
node=$!
until grep -q '"event":"ready"' "$work/log"; do
    kill -0 "$node" || { cat "$work/log" >&2; exit 1; }
    sleep 0.1
done
url=$(sed -n 's/.*"event":"ready".*"listen":"\([^"]*\)".*/\1/p' "$work/log")
load() {
    printf '%-24s' "$1"
    wrk -t1 -c4 -d"$seconds" --latency "$url/" |
        awk '$1 ~ /^(50|90|99)%$/ { printf "p%d %-10s", $1, $2 } /Requests\/sec/ { printf "%s requests/s", $2 } /Non-2xx/ { bad = 1; printf " (%s)", $0 } END { print ""; exit bad }'
}
wrk -t1 -c4 -d3 "$url/" > /dev/null
load "alone"
guests=$((2 * $(getconf _NPROCESSORS_ONLN)))
for _ in $(seq $guests); do
    curl -s -o /dev/null --max-time 300 "$url/spin" &
done
sleep 2
load "beside $guests endless guests"
kill "$node"
node=
