#if os(Linux)
import Glibc
#else
import Darwin
#endif

func log(_ s: String) {
    #if DEBUG
    print(s)
    #else
    write(s)
    #endif
}
