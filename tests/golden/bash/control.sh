control() {
    if [ -f "$1" ]; then
        a
    elif [[ $1 == b* && -n $2 ]]; then
        b
    else
        c
    fi
    for x in 1 2 3; do
        echo "$x"
    done
    for ((i = 0; i < 3; i++)); do echo $i; done
    while read -r line; do
        echo "$line"
    done < <(generate)
    until ping -c1 host
    do
        sleep 1
    done
    case $1 in
        start|restart)
            run
            ;;
        (stop) halt ;;
        *)
            exit 1
    esac
    { a; b; } || {
        c
    }
    a &&
        b ||
        c | d \
            e
}
