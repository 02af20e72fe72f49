#!/usr/bin/env bash
# Calls rustc as cargo asks, for package.sh, with a value of `-C metadata` that does not depend on the directory.
#
# Cargo derives `-C metadata` from the path of a package that is outside of the workspace, and rustc derives the names of
# symbols from it. The example applications use the library from outside of their workspace, so their binaries would differ
# between directories. Name, version and features distinguish packages as well.
set -euo pipefail
rustc=$1
shift
[ -n "${CARGO_PKG_NAME:-}" ] || exec "$rustc" "$@"

arguments=() identity="$CARGO_PKG_NAME $CARGO_PKG_VERSION" previous=
for argument in "$@"; do
  case $previous,$argument in
    --crate-name,* | --crate-type,* | --cfg,feature=* | --target,*) identity+=" $argument" ;;
  esac
  previous=$argument
done
hash=$(cksum <<<"$identity")
for argument in "$@"; do
  case $argument in
    metadata=*) argument=metadata=${hash// /-} ;;
  esac
  arguments+=("$argument")
done
exec "$rustc" "${arguments[@]}"
