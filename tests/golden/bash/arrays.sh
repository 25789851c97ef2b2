declare -A map=([a]=1 [b]=2)
files=(
    one
    two # comment
)
first() { echo "${files[0]}" "${#files[@]}" "${map[a]}"; }
