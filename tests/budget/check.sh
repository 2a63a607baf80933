#!/usr/bin/env bash
# Fails if the crate costs more or is larger than tests/budget/budget.txt allows.
#
#   check.sh                  checks everything
#   check.sh crates|sizes     checks only the number of crates, or only the sizes, in a second
#   check.sh calls            checks only the instructions and system calls of a call
set -euo pipefail
cd "$(dirname "$0")/../.."
budget=tests/budget/budget.txt
failed=0

allowed() { awk -v kind="$1" -v name="$2" '$1 == kind && $2 == name { print $3 }' "$budget"; }

# compare WHAT ALLOWED MEASURED
compare() {
    [[ -n $2 ]] || { echo "budget: $1: no figure in $budget" >&2; exit 2; }
    [[ $3 =~ ^[1-9] ]] || { echo "budget: $1: the measurement failed" >&2; exit 3; }
    if awk -v most="$2" -v is="$3" 'BEGIN { exit !(is > most) }'; then
        echo "budget: $1: $3, but $budget allows at most $2" >&2
        failed=1
    else
        echo "budget: $1: $3 of $2"
    fi
}

tree() {
    # cargo marks a crate that it already listed with (*).
    cargo tree --locked -e normal,build --prefix none "$@" |
        awk '{ print $1, $2 }' | sort -u | wc -l
}

crates() {
    compare "crates, default features" "$(allowed crates default)" "$(tree)"
    compare "crates, no default features" "$(allowed crates no-default-features)" \
        "$(tree --no-default-features)"
}

sizes() {
    local measured part size where
    measured=$(python3 tests/budget/sizes.py)
    while read -r part size where; do
        compare "size, $part${where:+ ($where)}" "$(allowed size "$part")" "$size"
    done <<<"$measured"
}

calls() {
    if ! command -v valgrind >/dev/null; then
        echo "budget: cannot count instructions: install valgrind" >&2
        exit 3
    fi
    local tolerance counts task most
    tolerance=$(allowed instructions tolerance)
    # CLIENT TASK instructions N calls N
    counts=$(cargo run --locked --quiet --release --no-default-features \
        --manifest-path examples/bench/Cargo.toml -- count ours)
    of() { awk -v task="$1" -v column="$2" '$2 == task { print $column }' <<<"$counts"; }
    for task in get page gzip; do
        most=$(awk -v figure="$(allowed instructions "$task")" -v percent="$tolerance" \
            'BEGIN { if (figure) printf "%d", figure * (100 + percent) / 100 }')
        compare "instructions, $task" "$most" "$(of "$task" 4)"
    done
    # Rounding hides a rare system call of another thread, but not one more system call per call.
    compare "system calls, get" "$(allowed calls get)" "$(of get 6 | awk '{ printf "%.0f", $1 }')"
    # A call on an open connection starts no thread, makes no DNS lookup and opens no connection.
    REQUIRE_STRACE=1 cargo test --locked --quiet --test open_connection || failed=1
}

(($#)) || set -- crates sizes calls
for part in "$@"; do
    case $part in
    crates | sizes | calls) "$part" ;;
    *)
        echo "budget: unknown part $part; the parts are crates, sizes and calls" >&2
        exit 2
        ;;
    esac
done
exit "$failed"
