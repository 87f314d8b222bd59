#!/bin/sh
# Prepares WebAssembly's official test suite for `selvage wasm spectest`.
#
#   wasm/spec-suite.sh OUT [REPOSITORY]
#
# OUT becomes a folder of .json and .wasm files. REPOSITORY is a clone of WebAssembly/testsuite, or where to clone one
# from. Needs git and wabt's wast2json (Debian: apt install wabt).
#
# The commit is the newest whose text wast2json 1.0.32 reads. That version wants table indices written out
# (`table.get 0 (…)`), which the suite leaves away; the sed command adds them and changes nothing else.
set -eu
commit=7ef86ddeed81458f9031a49a40b3a3f99c1c6a8a
out=${1:?usage: wasm/spec-suite.sh OUT [REPOSITORY]}
repository=${2:-https://github.com/WebAssembly/testsuite}

mkdir -p "$out"
out=$(cd "$out" && pwd)
text=$(mktemp -d)
trap 'rm -rf "$text"' EXIT
case $repository in
  *://*) git clone -q "$repository" "$text/clone" && repository=$text/clone ;;
esac
git -C "$repository" archive "$commit" | tar -x -C "$text"

# convert FOLDER TARGET OPTIONS…: all scripts of FOLDER that wast2json reads
convert() {
  folder=$1 target=$2
  shift 2
  mkdir -p "$target"
  cd "$folder"
  for script in *.wast; do
    name=${script%.wast}
    sed -E -i 's/\(table\.(get|set|grow|fill|size)( \(|\))/(table.\1 0\2/; s/ table\.size\)/ table.size 0)/' "$script"
    if ! wast2json "$@" "$script" -o "$target/$name.json" 2>"$text/errors"; then
      rm -f "$target/$name".json "$target/$name".[0-9]*.wasm
      echo "not converted: ${folder#"$text"/}/$script: $(head -n 1 "$text/errors")" >&2
    fi
  done
}

convert "$text" "$out" --enable-tail-call --enable-extended-const
convert "$text/proposals/tail-call" "$out/proposals/tail-call" --enable-tail-call
convert "$text/proposals/extended-const" "$out/proposals/extended-const" --enable-extended-const
convert "$text/proposals/multi-memory" "$out/proposals/multi-memory" --enable-multi-memory
convert "$text/proposals/memory64" "$out/proposals/memory64" --enable-memory64
convert "$text/proposals/threads" "$out/proposals/threads" --enable-threads
convert "$text/proposals/exception-handling" "$out/proposals/exception-handling" --enable-exceptions --enable-tail-call
convert "$text/proposals/relaxed-simd" "$out/proposals/relaxed-simd" --enable-relaxed-simd
echo "$(find "$out" -name '*.json' | wc -l) scripts in $out"
