# leading

def f(a,  # first
      # alone in the parameters
      b=(1,  # one

         2)):  # end of header
    # before the body
    x = a
    # between

    if x:  # why
        # only a comment before
        pass
    # after if
        # odd indentation
# column zero
    return "# not a comment", '''
# nor this
'''  # but this
    # trailing
  # still trailing


# after everything
x = [  # open
    1,
    # lone
]  # close
