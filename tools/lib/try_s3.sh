#!/usr/bin/env bash
# What tools/try s3 shows, on the server that it started. Each step checks what it says.
set -euo pipefail
folder=$(mktemp -d)
pids=()
finish() {
  for pid in ${pids[@]+"${pids[@]}"}; do kill -KILL "$pid" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap finish EXIT
cd "$folder"

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || step() { printf '\n%s\n' "$*"; }
show() { printf '  $ %s\n' "$*"; }
indent() { sed 's/^/    /'; }
fail() { printf 'try: FAILED: %s\n' "$*" >&2; exit 1; }
until_there() {  # until_there FILE: waits up to 60 s
  local end=$((SECONDS + 60))
  until [ -s "$1" ]; do [ $SECONDS -lt $end ] || fail "$1 did not come within 60 s"; sleep 0.05; done
}
uri=s3://$VFSLOCK_TEST_S3_BUCKET/in/data.csv
work='echo "$$ $VFSLOCK_TOKEN" > "$0.new"; mv "$0.new" "$0"; exec tail -f /dev/null'
echo "An S3 server (SeaweedFS) runs at $AWS_ENDPOINT_URL; credentials are in the environment, as for AWS's tools."

step "1. What the bucket guarantees is found out at its first use."
show "vfslock probe $uri"
vfslock probe "$uri" > probe || fail "probe ended with $?"
head -n 1 probe | indent
grep -qF 'guarantee exact' probe || fail "the bucket is not exact"
grep -E '"(credentials|endpoint)":|"P[1-7]' probe | indent

step "2. A lock is taken while a command works; a second process is refused, and told by whom."
show "vfslock run --owner first --ttl 3s $uri -- work &"
vfslock run --owner first --ttl 3s "$uri" -- sh -c "$work" "$folder/first" 2>first.log &
first=$!
pids+=("$first")
until_there first
read -r first_command first_token < first
pids+=("$first_command")
show "vfslock run --owner second $uri -- echo never"
code=0
vfslock run --owner second "$uri" -- echo never >out 2>&1 || code=$?
indent < out
[ $code -eq 75 ] || fail "a held lock must be refused with exit code 75, not $code"
grep -q first out || fail "the refusal does not name the holder"

step "3. The holder is killed; a waiter gets the lock when its lease of 3 s is over."
show "kill -KILL $first; vfslock run --owner second --wait 1m $uri -- work &"
kill -KILL "$first" "$first_command"
wait "$first" 2>/dev/null || true
vfslock run --owner second --ttl 3s --wait 1m "$uri" -- sh -c "$work" "$folder/second" 2>second.log &
second=$!
pids+=("$second")
until_there second
read -r second_command second_token < second
pids+=("$second_command")
echo "    fencing token $second_token after $first_token"
[ "$second_token" -gt "$first_token" ] || fail "the fencing token did not grow"

step "4. Released, the lock is free."
kill -TERM "$second"
wait "$second" || true
show "vfslock status $uri"
vfslock status "$uri" > out || fail "the lock is not free"
indent < out
echo
echo "All of this was seen."
