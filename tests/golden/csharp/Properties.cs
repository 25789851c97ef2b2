class Box
{
    private int width;
    public int Width
    {
        get { return width; }
        set
        {
            if (value < 0) throw new ArgumentException();
            width = value;
        }
    }
    public int Height { get; set; } = 3;
    public int Area => Width * Height;
    public int this[int i] { get => items[i]; set { items[i] = value; } }
    public char this[string s] => s[0];
    public event Action Changed { add { handlers += value; } remove { handlers -= value; } }
    public int Short { get => width; init => width = value; }
}
