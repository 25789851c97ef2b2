shopt -s extglob
kind() {
    case $1 in
        --@(install|remove)) echo action ;;
        -!(-*)) echo short ;;
    esac
    [[ $1 == *.@(gz|xz) ]] && echo packed
    [[ $2 =~ ^([a-z]+)\[([^]]*)$ ]] && echo "${BASH_REMATCH[1]}"
    echo "${1%%[<{().[]*}"
}
