#!/bin/sh
# Fetches WebAssembly's official test suite for `selvage wasm spectest`.
#
#   wasm/spec-suite.sh OUT [REPOSITORY [COMMIT]]
#
# OUT becomes a folder of .wast scripts. REPOSITORY is a clone of WebAssembly/testsuite, or where to clone one from;
# COMMIT is the newest one by default. Needs git.
set -eu
out=${1:?usage: wasm/spec-suite.sh OUT [REPOSITORY [COMMIT]]}
repository=${2:-https://github.com/WebAssembly/testsuite}
commit=${3:-HEAD}

mkdir -p "$out"
clone=$(mktemp -d)
trap 'rm -rf "$clone"' EXIT
case $repository in
  *://*) git clone -q "$repository" "$clone" && repository=$clone ;;
esac
git -C "$repository" archive "$commit" | tar -x -C "$out"
echo "$(find "$out" -name '*.wast' | wc -l) scripts in $out, of $(git -C "$repository" log -1 --format='%h, %cs' "$commit")"
