/* Both branches open the same block: the first one counts. */
#ifdef WIDE
int width(long value) {
#else
int width(int value) {
#endif
    return value;
}

int after(int x)
{
#ifdef CHECK
    if (x > 0) {
#else
    if (x) {
#endif
        x--;
    }
    return x;
}
