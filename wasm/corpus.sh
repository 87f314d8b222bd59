#!/bin/sh
# Validates every WebAssembly module that npm packages ship, and compiles all of its functions.
#
#   wasm/corpus.sh FOLDER [PACKAGE…]
#
# FOLDER keeps the modules, so that a second run fetches only what is not there. The packages are 74 by default, which many
# toolchains have made: 1.6 GB. Needs npm. Exit code 1 if the engine refuses one.
set -eu
folder=${1:?usage: wasm/corpus.sh FOLDER [PACKAGE…]}
shift
here=$(cd "$(dirname "$0")/.." && pwd)
packages=${*:-"@aduh95/viz.js @ast-grep/wasm @astral-sh/ruff-wasm-nodejs @automerge/automerge @biomejs/wasm-nodejs
  @bytecodealliance/componentize-js @bytecodealliance/jco @cloudflare/workers-wasi @dimforge/rapier3d-compat
  @dqbd/tiktoken @duckdb/duckdb-wasm @electric-sql/pglite @embedpdf/pdfium @fastly/js-compute @ffmpeg/core
  @ffmpeg/core-mt @finos/perspective @hyzyla/pdfium @img/sharp-wasm32 @jitl/quickjs-wasmfile-release-asyncify
  @jitl/quickjs-wasmfile-release-sync @jsquash/avif @jsquash/jxl @mediapipe/tasks-genai @mediapipe/tasks-vision
  @myriaddreamin/typst-ts-web-compiler @mysten/move-bytecode-template @node-rs/argon2-wasm32-wasi
  @node-rs/bcrypt-wasm32-wasi @noir-lang/acvm_js @oxc-parser/binding-wasm32-wasi @pdftron/webviewer
  @php-wasm/web-8-3 @prisma/query-engine-wasm @resvg/resvg-wasm @rolldown/binding-wasm32-wasi @rollup/wasm-node
  @ruby/3.4-wasm-wasi @sqlite.org/sqlite-wasm @squoosh/lib @swc/wasm @swc/wasm-web @tensorflow/tfjs-backend-wasm
  @vscode/tree-sitter-wasm @wasmer/sdk @wasmer/wasi @xenova/transformers argon2-browser blazor canvaskit-wasm
  circom_runtime esbuild-wasm espeak-ng gdal3.js hyphenopoly libav.js libheif-js lightningcss-wasm manifold-3d mupdf
  occt-import-js onnxruntime-web opencascade.js parquet-wasm pyodide spl.js sql.js stockfish tesseract.js-core
  wasmoon web-tree-sitter z3-solver zxing-wasm"}

command -v npm > /dev/null || { echo "wasm/corpus.sh needs npm" >&2; exit 2; }
mkdir -p "$folder"
new=
trap 'rm -rf "$new"' EXIT
for package in $packages; do
  place=$folder/$(echo "$package" | tr '/@' '__')
  [ -d "$place" ] && continue
  new=$(mktemp -d "$folder/new.XXXXXX")
  archive=$(cd "$new" && npm pack --silent --ignore-scripts "$package" | tail -n 1)
  tar -xzf "$new/$archive" -C "$new" --wildcards '*.wasm' 2> /dev/null \
    || { echo "wasm/corpus.sh: there is no module in $package" >&2; exit 1; }
  rm "$new/$archive"
  mv "$new" "$place"
done

# Different modules only, and no compressed ones.
find "$folder" -name '*.wasm' -size +0 -exec sha256sum {} + | sort | awk '!seen[$1]++ { print $2 }' \
  | while read -r file; do
    [ "$(head -c 4 "$file" | tail -c 3)" = asm ] && echo "$file"
  done > "$folder/modules.txt" || true
echo "$(wc -l < "$folder/modules.txt") modules, $(xargs -a "$folder/modules.txt" cat | wc -c) bytes"
xargs -a "$folder/modules.txt" "$here/selvage" wasm validate --compile
