# Adds two.
#
#   add(1, 2)
def add(a, # first
        b) # second
  # inside
  a + b # sum
end

=begin
block comment
def no; end
=end
def after
  # nothing
end
x = "# no comment #{1 + 1}" # comment
