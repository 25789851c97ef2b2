sound() {
    echo 1
}
broken() {
    if [ 1 ; then echo (
}
fine() {
    echo 2
}
