#ifndef HEADER_H
#define HEADER_H
#ifdef __cplusplus
extern "C" {
#endif

/** Area of a square. */
static inline int area(int side) { return side * side; }

int volume(int side);

#ifdef __cplusplus
}
#endif
#endif
