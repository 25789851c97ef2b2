outer() {
    inner() {
        echo inner
    }
    inner
    local callback='f() { :; }'
    trap 'cleanup; exit' EXIT
}
if [ -z "$DEFINED" ]; then
    fallback() { :; }
fi
