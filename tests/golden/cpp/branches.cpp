class File {
public:
#ifdef _WIN32
    void open() { handle_ = CreateFile(); }
#else
    void open() { fd_ = ::open(path_); }
#endif
    int read()
    {
#if BUFFERED
        if (buffer_) {
#else
        if (fd_) {
#endif
            return 1;
        }
        return 0;
    }
};
