#!/usr/bin/env bash
main() {
    parse "$@"
    build
}
parse() { while getopts "ab:" opt; do case $opt in a) A=1 ;; b) B=$OPTARG ;; esac; done; }
build() { make -j"$(nproc)"; }
main "$@"
