/* Every statement that may begin a line. */
int classify(int value, const int *limits)
{
    switch (value) {
    case 0:
    case 1:
        return -1; // small
    case 2: {
        int rest = value % 2;
        return rest;
    }
    default:
        break;
    }
    for (int i = 0; i < value; i++)
        if (limits[i] > value)
            continue;
        else
            goto done;
    do {
        value--;
    } while (value > 0);
    while (value < 3)
        ++value;
done:
    return value;
}
