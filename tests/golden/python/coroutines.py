import asyncio


async def fetch(session, urls):
    async with session.get(urls[0]) as response:
        async for line in response:
            yield line
    results = [await u async for u in stream(urls) if u]
    await asyncio.gather(*results)


def numbers(n):
    i = 0
    while True:
        received = yield i
        if received is None:
            return (yield from range(n))
        i += 1


gen = (x for x in numbers(3))
