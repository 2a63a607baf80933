#!/usr/bin/env bash
# What a program with one GET weighs: crates, seconds of a cold release build on two jobs,
# and bytes of the stripped program; with this crate, and with reqwest's blocking client.
# Rounds take turns, so that both meet the same machine.
#
#   weight.sh [ROUNDS]     one unless given
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
rounds=${1:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CARGO_BUILD_JOBS=2

# package NAME DEPENDENCIES: a program from standard input, in $work/NAME.
package() {
    mkdir -p "$work/$1/src"
    cat >"$work/$1/src/main.rs"
    cat >"$work/$1/Cargo.toml" <<TOML
[package]
name = "$1"
version = "0.0.0"
edition = "2024"
[workspace]
[dependencies]
$2
[profile.release]
strip = true
[profile.small]
inherits = "release"
opt-level = "z"
lto = true
codegen-units = 1
panic = "abort"
TOML
    (cd "$work/$1" && cargo fetch --quiet)
}

package ours "nirvana-labs = { path = \"$root\" }" <<'RUST'
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let id = std::env::args().nth(1).ok_or("which organization?")?;
    println!("{}", nirvana_labs::Api::from_env()?.get_organization(&id)?.name);
    Ok(())
}
RUST

package reqwest-blocking 'reqwest = { version = "0.12", default-features = false, features = ["blocking", "gzip", "json", "rustls-tls"] }
serde = { version = "1", features = ["derive"] }
time = { version = "0.3", default-features = false, features = ["std", "parsing", "serde-well-known"] }' <<RUST
mod model {
$(sed '/^\/\/!/d; /^#!\[/d' "$root/examples/bench/src/model.rs")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let id = std::env::args().nth(1).ok_or("which organization?")?;
    let key = std::env::var("NIRVANA_LABS_API_KEY")?;
    let url = format!("https://api.nirvanalabs.io/v1/organizations/{id}");
    let answer = reqwest::blocking::Client::new().get(url).bearer_auth(key).send()?;
    println!("{}", answer.error_for_status()?.json::<model::Organization>()?.name);
    Ok(())
}
RUST

# build NAME PROFILE: prints the seconds that a build from nothing took.
build() {
    local target="$work/target-$1-$2" started ended
    rm -rf "$target"
    started=$(date +%s%N)
    (cd "$work/$1" && CARGO_TARGET_DIR=$target cargo build --offline --quiet --profile "$2" 2>"$work/log") ||
        { cat "$work/log" >&2; exit 1; }
    ended=$(date +%s%N)
    awk -v ns=$((ended - started)) 'BEGIN { printf "%.1f", ns / 1e9 }'
}

megabytes() { stat -c %s "$1" | awk '{ printf "%.2f", $1 / 1e6 }'; }

for name in ours reqwest-blocking; do
    crates=$(cd "$work/$name" && cargo tree -e normal,build --prefix none | awk '{ print $1, $2 }' | sort -u | wc -l)
    # The program itself is none of its crates.
    echo "$name: $((crates - 1)) crates"
done
for ((round = 1; round <= rounds; round++)); do
    ours=$(build ours release)
    theirs=$(build reqwest-blocking release)
    awk -v a="$ours" -v b="$theirs" \
        'BEGIN { printf "cold release build: ours %s s, reqwest-blocking %s s, ratio %.2f\n", a, b, a / b }'
done
for name in ours reqwest-blocking; do
    build "$name" small >"$work/seconds"
    echo "$name: $(megabytes "$work/target-$name-release/release/$name") MB," \
        "$(megabytes "$work/target-$name-small/small/$name") MB at z + LTO + abort"
done
