Task<int> fetch(Url url)
{
    auto body = co_await get(url);
    for (auto &&line : body)
        co_yield line;
    co_return 0;
}

int classify(int x)
{
    if constexpr (sizeof(x) == 4)
        return 1;
    else if (int y = x; y > 2) {
        return y;
    }
    else
    {
        return 3;
    }
    switch (x) {
    case 1: [[fallthrough]];
    case 2:
        return 2;
    default: break;
    }
    return 0;
}
