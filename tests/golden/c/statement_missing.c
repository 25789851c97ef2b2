int half(int a)
{
    return a / ;
}

int whole(int a)
{
    return a;
}
