string raw()
{
    return `first
  second // kept
}`;
}

string wysiwyg() { return r"a\b"; }
char brace() { return '}'; }
string nested() { return "/+ no comment +/"; }
/+ a /+ nested +/ comment +/
string token() { return q{ int x; }; }
