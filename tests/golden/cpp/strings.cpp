std::string query()
{
    return R"sql(
        SELECT *   -- kept as it is
    } // still inside
)sql";
}
char quote() { return '\''; }
int separated() { return 1'000'000; }
