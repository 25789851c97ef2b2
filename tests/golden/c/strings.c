const char *message(void)
{
    return "a \
line that goes on"
           " and /* no comment */ more // text"
           "}";
}

int brace(int c) { return c == '{' || c == '"'; }
