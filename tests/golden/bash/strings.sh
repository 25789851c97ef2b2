text() {
    local multi="one
  two $(cmd "nested
    deeper") # no comment"
    local raw='a
    b'
    echo ${multi//a/b} "${raw:-default}" $'\n\t'
}
