from typing import Protocol


class Reader(Protocol):
    name: str
    def read(self, n: int = ..., /) -> bytes: ...
    @property
    def closed(self) -> bool: ...

async def connect(host: str,
                  port: int = ...) -> Reader: ...
