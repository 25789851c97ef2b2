public class Braces
{
    public void allman()
    {
        if (true)
        {
            go();
        }
        else
        {
            stop();
        }
    }
}
