#!/usr/bin/env bash
# Fails when the crate needs more than tests/budget/budget.txt allows.
#
#   check.sh          all of it
#   check.sh crates   only the crate counts, which take a second
set -euo pipefail
cd "$(dirname "$0")/../.."
budget=tests/budget/budget.txt
failed=0

allowed() { awk -v kind="$1" -v name="$2" '$1 == kind && $2 == name { print $3 }' "$budget"; }

# compare WHAT ALLOWED MEASURED
compare() {
    [[ -n $2 ]] || { echo "budget: $1: no figure in $budget" >&2; exit 2; }
    if awk -v most="$2" -v is="$3" 'BEGIN { exit !(is > most) }'; then
        echo "budget: $1: $3, and $2 is the most" >&2
        failed=1
    else
        echo "budget: $1: $3 of $2"
    fi
}

crates() {
    # Lines of crates met before end in (*).
    cargo tree --locked -e normal,build --prefix none "$@" |
        awk '{ print $1, $2 }' | sort -u | wc -l
}

compare "crates, default features" "$(allowed crates default)" "$(crates)"
compare "crates, no default features" "$(allowed crates no-default-features)" \
    "$(crates --no-default-features)"

if [[ ${1:-} != crates ]]; then
    if ! command -v valgrind >/dev/null; then
        echo "budget: valgrind is not here, so instructions are not counted" >&2
        exit 3
    fi
    tolerance=$(allowed instructions tolerance)
    counts=$(cargo run --locked --quiet --release --no-default-features \
        --manifest-path examples/bench/Cargo.toml -- count ours)
    while read -r _ task _ instructions _ calls; do
        most=$(awk -v figure="$(allowed instructions "$task")" -v percent="$tolerance" \
            'BEGIN { if (figure) printf "%d", figure * (100 + percent) / 100 }')
        compare "instructions, $task" "$most" "$instructions"
        # A call more is found; the odd one of a thread that woke up is not.
        if [[ $task == get && $calls != - ]]; then
            compare "system calls, $task" "$(allowed calls get)" "$(awk -v n="$calls" 'BEGIN { printf "%.0f", n }')"
        fi
    done <<<"$counts"
fi
exit "$failed"
