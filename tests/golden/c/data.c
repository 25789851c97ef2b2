/* No function at all, but code. */
static const struct entry table[] = {
    { "one", 1 },   /* first */
    {
        .name = "two",
        .value = COMPUTE(1,
                         1),
    },
};

enum colour {
    RED,
    GREEN = 4, // with a value
    BLUE
};

typedef struct pair {
    int left;
    union {
        int number;
        char *text;
    } right;
} pair;

int counter = 0;
