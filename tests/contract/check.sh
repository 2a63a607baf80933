#!/usr/bin/env bash
# Runs the contract tests against Prism, which serves openapi.yaml and checks every request by it.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Later versions need a newer Node than most machines have.
prism=@stoplight/prism-cli@5.14.2
# Prism's dependencies are installed as they were on this day.
as_of=2026-11-01

if ! command -v npm >/dev/null; then
    apt-get update -qq && apt-get install -qq -y nodejs npm
fi
folder=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$folder"' EXIT

npm install --silent --no-audit --no-fund --no-save --before="$as_of" --prefix "$folder" "$prism"
port=$(python3 -c '
import socket
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    print(free.getsockname()[1])')
"$folder/node_modules/.bin/prism" mock --host 127.0.0.1 --port "$port" tests/contract/openapi.yaml \
    >"$folder/log" 2>&1 &
server=$!
for ((tenths = 0; ; tenths++)); do
    grep -q "Prism is listening" "$folder/log" && break
    if ((tenths > 600)) || ! kill -0 "$server" 2>/dev/null; then
        cat "$folder/log" >&2
        echo "contract: Prism did not start; its log is above" >&2
        exit 1
    fi
    sleep 0.1
done

# Runs one test. This also fails if there is no such test.
contract() {
    CONTRACT_SERVER="http://127.0.0.1:$port" cargo test --locked --test api -- \
        --ignored --exact --nocapture "contract::$1" | tee "$folder/test"
    grep -q " 1 passed" "$folder/test"
}

# Prints how many violations are in the log of Prism. It responds as usual to some violations, so the
# tests do not see those.
violations() { grep -ci violation "$folder/log" || true; }

contract all_ten_endpoints_are_accepted
if (($(violations) > 0)); then
    cat "$folder/log" >&2
    echo "contract: Prism found a violation; its log is above" >&2
    exit 1
fi
contract an_invalid_request_is_rejected
if (($(violations) == 0)); then
    echo "contract: Prism did not find the violation in an invalid request" >&2
    exit 1
fi
