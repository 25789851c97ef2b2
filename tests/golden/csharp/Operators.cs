struct Money
{
    public static Money operator +(Money a, Money b) => new Money(a.Cents + b.Cents);
    public static bool operator ==(Money a, Money b) { return a.Cents == b.Cents; }
    public static bool operator true(Money m) { return m.Cents > 0; }
    public static implicit operator int(Money m) { return m.Cents; }
    public static explicit operator Money(int cents) => new Money(cents);
}
