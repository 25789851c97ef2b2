# Licence
# more

# Does it.
#   usage: f x
f() { # after the brace
    # inside

    echo "# not" \# 'nor #this' x#y # but this
    # trailing
}
# the end
