class Ring<T> : IList, IReadOnlyList<T>
{
    int IReadOnlyCollection<T>.Count => size;
    bool IList.IsFixedSize { get { return true; } }
    object IList.this[int index]
    {
        get => items[index];
        set { items[index] = (T)value; }
    }
    T IReadOnlyList<T>.this[int index] => items[index];
    event Action INotify.Changed { add { } remove { } }
    void IList.Clear() { size = 0; }
}
