# comment
def f(x):
    """doc
    string"""
    y = """a
  b"""

    return x, y
