#include <stddef.h>

#ifdef _WIN32
static int separator(void) { return '\\'; }
#else
static int separator(void) { return '/'; }
#endif

size_t split(const char *path)
{
    size_t count = 0;
#if defined(FAST) && FAST > 1
    count = scan(path);
#elif defined(SLOW)
    for (; *path; path++)
        count++;
#else
    count = 1;
#endif
    return count;
}

#if 0
int dead(void) { return 0; }
#endif
