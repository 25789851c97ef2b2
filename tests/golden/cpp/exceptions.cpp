Session::Session(int port) try : socket_(port) {
    open();
} catch (const Error &error) {
    close();
}

int guarded()
{
    try {
        return risky();
    } catch (const std::exception &error) {
        log(error.what());
    } catch (...) {
        throw;
    }
    return 0;
}
