def marked():
    return 1
