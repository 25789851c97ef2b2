#!/bin/sh
die() { echo "$*" >&2; exit 1; }
[ $# -gt 0 ] || die "no arguments"
total=$((total + 1))
result=`old style`
