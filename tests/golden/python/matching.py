def route(command):
    match command.split():
        case ["go", ("north" | "south") as direction]:
            return direction
        # a comment between cases
        case {"kind": kind, **rest} if kind:
            return rest
        case Point(x=0, y=0) | [*_]:
            return None
        case _:
            match = case = 1
            return match + case
