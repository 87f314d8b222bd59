#!/bin/sh
# Judges the cache by the public suite for HTTP caches (https://cache-tests.fyi): starts its origin, a node in front of it,
# runs every test, and prints what did not pass and how many did.
#
#   gateway/cache-suite.sh [REPOSITORY [COMMIT]]
#
# REPOSITORY is a clone of http-tests/cache-tests, or where to clone one from; COMMIT is the newest one by default. Needs
# git, curl, Node.js 20 or newer and npm. Takes about two minutes.
set -eu
repository=${1:-https://github.com/http-tests/cache-tests}
commit=${2:-HEAD}
here=$(CDPATH='' cd "$(dirname "$0")" && pwd -P)
port=${PORT:-8090}

work=$(mktemp -d)
pids=
finish() {
    # shellcheck disable=SC2086
    [ -z "$pids" ] || kill $pids 2> /dev/null || true
    rm -rf "$work"
}
trap finish EXIT INT TERM

git clone -q "$repository" "$work/suite"
git -C "$work/suite" checkout -q "$commit"
(cd "$work/suite" && npm install --silent --no-save --ignore-scripts --omit=dev undici@7 > /dev/null)

mkdir "$work/edge"
cat > "$work/edge/selvage.toml" << EOF
name = "edge"
[[origin]]
name = "site"
urls = ["http://127.0.0.1:$((port + 1))"]
[[route]]
path = "/..."
origin = "site"
cache = true
EOF
export npm_config_protocol=http npm_config_port=$((port + 1)) npm_config_pidfile="$work/pid" npm_config_id='' npm_package_config_id=''
(cd "$work/suite" && exec node test-engine/server/server.mjs > "$work/origin.log" 2>&1) &
pids=$!
SELVAGE_GATEWAY__LISTEN=127.0.0.1:$port SELVAGE_ADMIN__LISTEN=127.0.0.1:0 SELVAGE_LOG__ACCESS=false \
    "$here/../selvage" up "$work/edge" --json > "$work/node.out" 2> "$work/node.log" &
pids="$pids $!"
for _ in $(seq 600); do
    grep -q '"event":"ready"' "$work/node.out" && curl -s -o /dev/null "http://127.0.0.1:$((port + 1))/" && break
    sleep 0.5
done
grep -q '"event":"ready"' "$work/node.out" || { cat "$work/node.log" >&2; exit 1; }

(cd "$work/suite" && npm_config_base=http://127.0.0.1:$port node --no-warnings test-engine/cli.mjs) > "$work/result.json"
cat > "$work/suite/score.mjs" << 'EOF'
import fs from 'fs'
import tests from './tests/index.mjs'
import { determineTestResult, resultTypes } from './test-engine/lib/results.mjs'
const results = JSON.parse(fs.readFileSync(process.argv[2]))
const counts = {}
for (const test of tests.flatMap(suite => suite.tests).filter(test => !test.browser_only)) {
  const kind = test.kind ?? 'required'
  const result = determineTestResult(tests, test.id, results)
  const name = Object.keys(resultTypes).find(type => resultTypes[type] === result)
  counts[kind] ??= {}
  counts[kind][name] = (counts[kind][name] ?? 0) + 1
  if (kind !== 'check' && name !== 'pass') console.log(`${kind} ${name} ${test.id}: ${results[test.id][1]}`)
}
for (const kind of Object.keys(counts)) console.log(kind, JSON.stringify(counts[kind]))
EOF
node "$work/suite/score.mjs" "$work/result.json"
git -C "$work/suite" log -1 --format='http-tests/cache-tests %h, %cs'
