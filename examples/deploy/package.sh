#!/usr/bin/env bash
# Packages a function for Lambda: builds it, checks it, and writes a zip with the executable `bootstrap`.
#
#     examples/deploy/package.sh tokens                               arm64, by cargo-lambda
#     examples/deploy/package.sh tokens --arch x86_64 --tool cargo    x86-64, by cargo alone
#
# The zip is reproducible: the same sources, toolchain and dependencies give the same bytes in every directory.
#
# NAME is an example of this repository. For another project, copy this file and name its binary and manifest:
#
#     package.sh my_function --manifest-path Cargo.toml
#
# Options:
#     --arch arm64|x86_64         the architecture of the function (default: arm64)
#     --tool cargo-lambda|cargo   what builds it (default: cargo-lambda, which brings its own linker for both
#                                 architectures: `pip install cargo-lambda`)
#     --output FILE               the zip to write (default: function.zip next to this script)
#     --manifest-path FILE        the Cargo.toml with the binary (default: that of the example)
#     --include DIRECTORY         a directory to add to the zip, next to `bootstrap`; may be repeated
#     -- ARGUMENTS                arguments for cargo, such as `--features otel`
#
# RUSTUP_TOOLCHAIN or RUSTC selects the compiler, and CARGO_TARGET_DIR the directory of the build, as always.
set -euo pipefail

# The GLIBC version of the runtime provided.al2023.
newest_glibc=2.34

fail() { printf 'package.sh: %s\n' "$*" >&2; exit 1; }
usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p;}' "$0"; }

scripts=$(cd "$(dirname "$0")" && pwd)
name='' arch=arm64 tool=cargo-lambda output=$scripts/function.zip manifest='' includes=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit ;;
    --arch | --tool | --output | --manifest-path | --include)
      [ $# -ge 2 ] || fail "$1 needs a value"
      case $1 in
        --arch) arch=$2 ;;
        --tool) tool=$2 ;;
        --output) output=$2 ;;
        --manifest-path) manifest=$2 ;;
        --include) includes+=("$2") ;;
      esac
      shift 2 ;;
    --) shift; break ;;
    -*) fail "unknown option $1; --help lists the options" ;;
    *) [ -z "$name" ] || fail "more than one name: $name and $1"; name=$1; shift ;;
  esac
done
[ -n "$name" ] || fail "the name of the function is missing; --help shows the usage"
case $arch in
  arm64) target=aarch64-unknown-linux-gnu ;;
  x86_64) target=x86_64-unknown-linux-gnu ;;
  *) fail "--arch is arm64 or x86_64, not $arch" ;;
esac
command -v python3 >/dev/null || fail "python3 is missing; it writes the zip"

# Which package has the binary, and its features for Lambda: everything but local mode.
selection=(--bin "$name" --no-default-features)
sources=''
if [ -z "$manifest" ]; then
  repository=$(cd "$scripts/../.." && pwd)
  sources=$repository
  if [ -d "$repository/examples/applications/$name" ]; then
    manifest=$repository/examples/applications/$name/Cargo.toml
  elif [ -e "$repository/examples/src/bin/$name.rs" ] || [ -d "$repository/examples/src/bin/$name" ]; then
    manifest=$repository/examples/Cargo.toml
    selection+=(--features "logging,multi-thread")
  else
    fail "there is no example $name; --manifest-path names the Cargo.toml of another function"
  fi
fi
[ -f "$manifest" ] || fail "there is no file $manifest"
# `cargo metadata` prints the directories of the workspace and of the build.
metadata=$(cargo metadata --no-deps --format-version 1 --manifest-path "$manifest")
field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1" <<<"$metadata"; }
workspace=$(field workspace_root)
target_directory=$(field target_directory)

# Nothing in the binary may depend on where it was built: Rust and C compilers write the paths of sources into panic and
# assertion messages.
[ -n "$sources" ] || sources=$(git -C "$workspace" rev-parse --show-toplevel 2>/dev/null || echo "$workspace")
sysroot=$("${RUSTC:-rustc}" --print sysroot)
rust_paths='' c_paths=''
remap() {
  case $1 in *[[:space:]]*) fail "the path '$1' contains white space, which RUSTFLAGS cannot contain" ;; esac
  rust_paths+=" --remap-path-prefix=$1=$2"
  c_paths+=" -ffile-prefix-map=$1=$2"
}
remap "$sources" /source
remap "$target_directory" /source/target
remap "${CARGO_HOME:-$HOME/.cargo}" /cargo
remap "$sysroot" /rust
export RUSTFLAGS="${RUSTFLAGS:-}$rust_paths" CFLAGS="${CFLAGS:-}$c_paths" CXXFLAGS="${CXXFLAGS:-}$c_paths"
# Cargo derives the names of symbols from the path of a package outside of the workspace.
export RUSTC_WRAPPER=$scripts/rustc-wrapper.sh

arguments=(build --release --locked --manifest-path "$manifest" "${selection[@]}")
case $tool in
  cargo)
    cargo "${arguments[@]}" --target "$target" "$@" || fail "the build failed. If the target is missing, run
\`rustup target add $target\`; if the linker is missing, install a cross compiler such as gcc-aarch64-linux-gnu and set
CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc, or use --tool cargo-lambda"
    binary=$target_directory/$target/release/$name ;;
  cargo-lambda)
    command -v cargo-lambda >/dev/null ||
      fail "cargo-lambda is missing: install it with \`pip install cargo-lambda\`, or use --tool cargo"
    # Its own settings for release builds would override those of Cargo.toml, and abort on a panic.
    cargo lambda "${arguments[@]}" --target "$target" --disable-optimizations "$@"
    binary=$target_directory/lambda/$name/bootstrap ;;
  *) fail "--tool is cargo or cargo-lambda, not $tool" ;;
esac

# The names of the symbol versions that the binary requires are in its string table.
needed=$(LC_ALL=C grep -aoE 'GLIBC_2\.[0-9]+' "$binary" | sort -u -t. -k2,2n | tail -n 1)
if [ "${needed##*.}" -gt "${newest_glibc##*.}" ]; then
  fail "$name requires $needed, but provided.al2023 has GLIBC_$newest_glibc. Build it with --tool cargo-lambda, or on a
system with an older GLIBC, such as Amazon Linux 2023"
fi

# Fixed names, order, times and permissions.
python3 - "$output" "$binary" ${includes[@]+"${includes[@]}"} <<'PYTHON'
import os, stat, sys, zipfile

output, binary, *directories = sys.argv[1:]
entries = {"bootstrap": binary}
for directory in map(os.path.normpath, directories):
    parent = os.path.dirname(directory)
    for folder, _, files in os.walk(directory):
        for path in (os.path.join(folder, file) for file in files):
            entries[os.path.relpath(path, parent or ".").replace(os.sep, "/")] = path

with zipfile.ZipFile(output, "w") as archive:
    for name, path in sorted(entries.items()):
        entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        entry.create_system = 3  # Unix, whose permissions follow
        executable = name == "bootstrap" or os.access(path, os.X_OK)
        entry.external_attr = (stat.S_IFREG | (0o755 if executable else 0o644)) << 16
        with open(path, "rb") as file:
            archive.writestr(entry, file.read(), zipfile.ZIP_DEFLATED, 9)
PYTHON

hash=$(python3 -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$output")
printf '%s: %s for %s, %s bytes, requires %s\nsha256 %s\n' \
  "$output" "$name" "$arch" "$(wc -c <"$output" | tr -d ' ')" "$needed" "$hash"
