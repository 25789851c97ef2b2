using System;

var name = args.Length > 0 ? args[0] : "world";
Console.WriteLine(Greet(name));

string Greet(string who)
{
    return $"hello {who}";
}

class Helper { public void Help() { } }
