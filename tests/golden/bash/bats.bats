setup() { load helper; }
run_it() {
    run command
    [ "$status" -eq 0 ]
}
