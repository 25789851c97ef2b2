in_subshell() (
    cd /tmp
    pwd
)
one_if() if [ -f "$1" ]; then cat "$1"; fi
redirected() {
    echo x
} > /dev/null 2>&1
