unsafe class Reader
{
    void Read(void* to)
    {
        fixed (byte* from = &data[position])
            *((ushort*)to) = *((ushort*)from);
        *(int*)to = 1;
        position += sizeof(ushort) * (int)scale;
    }

    static int Sum(int* values, int count)
    {
        int sum = 0;
        for (int* p = values; p < values + count; p++)
            sum += *p;
        return sum;
    }
}
