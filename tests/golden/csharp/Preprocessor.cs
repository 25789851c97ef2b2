#define TRACE
#if NET6_0
using System.Text.Json;
#endif

class Branches
{
    #region Public
#if DEBUG
    void Log(string s) { Console.WriteLine(s); }
#else
    void Log(string s) { }
#endif
    #endregion

    void Run()
    {
#if TRACE
        Log("run");
#endif
#pragma warning disable 168
        int unused;
#pragma warning restore 168
    }
}
