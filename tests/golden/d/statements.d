int classify(int n)
{
    switch (n)
    {
    case 1:
    case 2:
        return 1;
    default:
        break;
    }
    try
    {
        open();
    }
    catch (Exception e)
    {
        throw e;
    }
    finally
    {
        close();
    }
    scope (exit)
        release();
    do
    {
        --n;
    }
    while (n > 0);
    with (object)
    {
        go();
    }
    if (n == 1)
        return 2;
    else if (n == 3) {
        return 4;
    } else {
        goto end;
    }
    synchronized (lock) { ++n; }
end:
    return n;
}
