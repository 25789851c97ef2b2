/* Parameters were once declared behind the list. */
int
largest(values, count)
    int *values;
    int count;
{
    int best = values[0];

    while (count--)
        if (values[count] > best)
            best = values[count];
    return best;
}

main(argc, argv)
    int argc;
    char **argv;
{
    return largest(argv, argc);
}
