#define API __attribute__((visibility("default")))
#define EACH(item, list) \
    for (item = (list)->first; item; item = item->next)

API int exported(struct list *list) {
    struct item *item;
    int n = 0;
    EACH(item, list) {
        n += item->size;
    }
    return n;
}

static LOCAL_CALL void ANNOTATED quiet(void) { /* nothing */ }

int plain(void) { return 1; }

MODULE_LICENSE("GPL");
DECLARE_TABLE(names, 16)

int behind(void) { return 2; }
