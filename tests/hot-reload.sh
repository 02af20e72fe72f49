#!/usr/bin/env bash
# Tests hot reload as a developer uses it: copies the example `tokens` into a package of its own, runs it, edits its source
# while a response streams, and builds it in "another terminal". The next request must have the new text, and the running
# response must end with the old one. The first run builds the library, in target/hot-reload.
#
#     tests/hot-reload.sh
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
work=$repository/target/hot-reload
package=$work/package
mkdir -p "$package/src"

cat >"$package/Cargo.toml" <<MANIFEST
[package]
name = "reloaded"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
lambda-stream = { path = "$repository/lambda-stream" }
serde = { version = "1", features = ["derive"] }
tokio = { version = "1", features = ["time"] }
MANIFEST
cp "$repository/Cargo.lock" "$package/Cargo.lock"
# Without its unit tests.
sed '/^#\[cfg(test)\]/,$d' "$repository/examples/src/bin/tokens.rs" >"$package/src/main.rs"
export CARGO_TARGET_DIR=$work/target
build() { cargo build --quiet --manifest-path "$package/Cargo.toml"; }
build

"$CARGO_TARGET_DIR/debug/reloaded" --port 0 2>"$work/stderr" &
function=$!
trap 'kill $function 2>/dev/null || true' EXIT
until url=$(grep -om1 'http://127.0.0.1:[0-9]*' "$work/stderr"); do
  kill -0 $function
done

# The words take 24 s, less than the function timeout.
words=$(printf 'old%.0s ' $(seq 1 300))
curl -sN "$url" -H 'content-type: application/json' -d "{\"text\":\"$words\"}" >"$work/running" &
running=$!
until [ -s "$work/running" ]; do kill -0 $running; done

# A second environment of the old build, which is idle when the new build arrives.
[ "$(curl -sN "$url" -H 'content-type: application/json' -d '{"text":"idle"}')" = "idle " ]

sed -i 's/{word} /<{word}> /' "$package/src/main.rs"
started=$SECONDS
build
echo "the build took $((SECONDS - started)) s; the running response has $(wc -w <"$work/running") of 300 words"
kill -0 $running || { echo "the response ended before the build: the machine is too slow for this test" >&2; exit 1; }

new=$(curl -sN "$url" -H 'content-type: application/json' -d '{"text":"one two"}')
echo "the next response: $new"
[ "$new" = "<one> <two> " ]
wait $running
echo "the running response: $(sort <(tr ' ' '\n' <"$work/running" | sed '/^$/d') | uniq -c | tr -s ' ')"
[ "$(tr -d '\n' <"$work/running")" = "$(printf '%s ' $words)" ]
echo "hot reload works"
