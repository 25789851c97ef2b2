class Strings
{
    string Verbatim()
    {
        return @"first
  second "" quoted // kept
}";
    }

    string Raw() => """
        {
          "json": true
        }
        """;

    string Interpolated(int x) => $"{x} and {(x > 1 ? "a" : "b")}";
    char Brace() { return '}'; }
}
