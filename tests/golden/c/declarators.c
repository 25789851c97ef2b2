static char *duplicate(const char *text) { return copy(text); }
char **lines(void) { return 0; }
char ***pages(void) { return 0; }
int (*handler(int number))(int) { return table[number]; }
int (minimum)(int a, int b) { return a < b ? a : b; }
static inline const struct node *
next_node(const struct node *current)
{
    return current->next;
}
int prototype(int a);
extern int (*pointer)(int);
struct point middle(struct point a, struct point b) { return (struct point){ (a.x + b.x) / 2, (a.y + b.y) / 2 }; }
