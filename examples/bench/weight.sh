#!/usr/bin/env bash
# Builds a program that sends one GET, from scratch: with this crate, with ureq, and with
# reqwest::blocking. Prints the number of crates, the seconds of a release build with two jobs, and
# the size of the stripped program. The programs take turns, so that a slower machine affects all.
#
#   weight.sh [ROUNDS]     the number of builds of each program; 1 by default
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
rounds=${1:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CARGO_BUILD_JOBS=2

# package NAME DEPENDENCIES: creates a package in $work/NAME, with the program from standard input.
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
    let id = std::env::args().nth(1).ok_or("usage: PROGRAM ID")?;
    println!("{}", nirvana_labs::Api::from_env()?.get_organization(&id)?.name);
    Ok(())
}
RUST

# by_hand CALL: prints a program without this crate. CALL is the code that gets an organization.
by_hand() {
    cat <<RUST
mod model {
$(sed '/^\/\/!/d; /^#!\[/d' "$root/examples/bench/src/model.rs")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let id = std::env::args().nth(1).ok_or("usage: PROGRAM ID")?;
    let key = std::env::var("NIRVANA_LABS_API_KEY")?;
    let url = format!("https://api.nirvanalabs.io/v1/organizations/{id}");
    let organization: model::Organization = $1;
    println!("{}", organization.name);
    Ok(())
}
RUST
}
models='serde = { version = "1", features = ["derive"] }
time = { version = "0.3", default-features = false, features = ["std", "parsing", "serde-well-known"] }'

package ureq "ureq = { version = \"3.5.2\", features = [\"json\"] }
$models" < <(by_hand 'ureq::get(&url).header("authorization", format!("Bearer {key}")).call()?.body_mut().read_json()?')

package reqwest-blocking "reqwest = { version = \"0.12\", default-features = false, features = [\"blocking\", \"gzip\", \"json\", \"rustls-tls\"] }
$models" < <(by_hand 'reqwest::blocking::Client::new().get(url).bearer_auth(key).send()?.error_for_status()?.json()?')

# build NAME PROFILE: builds from scratch, and prints the seconds that the build takes.
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

clients=(ours ureq reqwest-blocking)
for name in "${clients[@]}"; do
    crates=$(cd "$work/$name" && cargo tree -e normal,build --prefix none | awk '{ print $1, $2 }' | sort -u | wc -l)
    # The program itself does not count.
    echo "$name: $((crates - 1)) crates"
done
for ((round = 1; round <= rounds; round++)); do
    declare -A seconds
    for name in "${clients[@]}"; do
        seconds[$name]=$(build "$name" release)
    done
    for name in "${clients[@]}"; do
        awk -v name="$name" -v s="${seconds[$name]}" -v most="${seconds[reqwest-blocking]}" \
            'BEGIN { printf "cold release build: %s %s s, %.2f of reqwest-blocking\n", name, s, s / most }'
    done
done
for name in "${clients[@]}"; do
    build "$name" small >"$work/seconds"
    echo "$name: $(megabytes "$work/target-$name-release/release/$name") MB," \
        "$(megabytes "$work/target-$name-small/small/$name") MB at z + LTO + abort"
done
