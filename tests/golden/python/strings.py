QUERY = """
  SELECT *   
    FROM t  
	WHERE x
"""


def report(x, width):
    head = f"""{x!r:>{width}}
      {
          x + 1  # inside an f-string
      }
  tail  """
    raw = rb'''
def not_a_function():
    return 1
'''
    nested = f"{f'{x}' if x else "other"} {{literal}}"
    joined = ("a"
              "b"
              f"{x}")
    return head, raw, nested, joined, '''''', """"quoted\""""
