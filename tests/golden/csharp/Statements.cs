class Statements
{
    int Classify(object value, int n)
    {
        switch (n)
        {
            case 1:
            case 2:
                return 1;
            default:
                break;
        }
        var text = n switch
        {
            1 => "one",
            > 1 and < 5 => "few",
            _ => "many",
        };
        try { Open(); }
        catch (IOException e) when (e.Code == 1)
        {
            throw;
        }
        finally
        {
            Close();
        }
        using (var file = Open())
        using (var other = Open())
        {
            file.Read();
        }
        lock (this) { n++; }
        do
        {
            n--;
        } while (n > 0);
        if (value is string s && s.Length > 0)
            return 2;
        else if (n == 3) {
            return 4;
        } else {
            goto end;
        }
    end:
        return n;
    }
}
