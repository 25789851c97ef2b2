"""Bytes: checksums, frames, escapes, histograms and ciphers."""

from __future__ import annotations

import binascii
import functools
import io
import itertools
import operator
import re
import struct
import zlib
from collections import Counter
from random import Random
from typing import Any

from rlm_lsp.model.measure.kernels import Family


def some_bytes(n: int, random: Random) -> tuple[Any, ...]:
    return (random.randbytes(n),)


def folded_by_loop(data: bytes) -> int:
    folded = 0
    for byte in data:
        folded ^= byte
    return folded


def folded_by_reduce(data: bytes) -> int:
    return functools.reduce(operator.xor, data, 0)


def folded_in_halves(data: bytes) -> int:
    while len(data) > 1:
        half = len(data) // 2
        low, high = data[:half], data[half:]
        mixed = int.from_bytes(low, "little") ^ int.from_bytes(high, "little")
        data = mixed.to_bytes(len(high), "little")
    return data[0]


def folded_by_counts(data: bytes) -> int:
    folded = 0
    for value in range(256):
        if data.count(value) % 2:
            folded ^= value
    return folded


def crc_bit_by_bit(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xEDB88320 if crc & 1 else crc >> 1
    return crc ^ 0xFFFFFFFF


def crc_by_table(data: bytes) -> int:
    table = []
    for n in range(256):
        for _ in range(8):
            n = (n >> 1) ^ 0xEDB88320 if n & 1 else n >> 1
        table.append(n)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def crc_by_library(data: bytes) -> int:
    return zlib.crc32(data)


def crc_in_pieces(data: bytes) -> int:
    crc = 0
    for at in range(0, len(data), 64):
        crc = zlib.crc32(data[at : at + 64], crc)
    return crc


def dump_by_format(data: bytes) -> str:
    return " ".join(f"{byte:02x}" for byte in data)


def dump_by_method(data: bytes) -> str:
    return data.hex(" ")


def dump_by_adding(data: bytes) -> str:
    digits = "0123456789abcdef"
    text = ""
    for byte in data:
        text = text + digits[byte >> 4] + digits[byte & 15] + " "
    return text[:-1]


def dump_by_pairs(data: bytes) -> str:
    plain = binascii.hexlify(data).decode()
    return " ".join(a + b for a, b in zip(plain[::2], plain[1::2], strict=True))


def framed(n: int, random: Random) -> tuple[Any, ...]:
    messages = [random.randbytes(random.randrange(1, 40)) for _ in range(n)]
    return (b"".join(struct.pack(">H", len(message)) + message for message in messages),)


def frames_by_position(stream: bytes) -> list[bytes]:
    frames, at = [], 0
    while at < len(stream):
        size = int.from_bytes(stream[at : at + 2], "big")
        frames.append(stream[at + 2 : at + 2 + size])
        at += 2 + size
    return frames


def frames_by_shortening(stream: bytes) -> list[bytes]:
    frames = []
    while stream:
        (size,) = struct.unpack(">H", stream[:2])
        frames.append(stream[2 : 2 + size])
        stream = stream[2 + size :]
    return frames


def frames_by_reading(stream: bytes) -> list[bytes]:
    source = io.BytesIO(stream)
    frames = []
    while header := source.read(2):
        frames.append(source.read(struct.unpack(">H", header)[0]))
    return frames


def frames_byte_by_byte(stream: bytes) -> list[bytes]:
    frames: list[bytes] = []
    header, body, left = b"", b"", 0
    for i in range(len(stream)):
        byte = stream[i : i + 1]
        if left:
            body += byte
            left -= 1
            if not left:
                frames.append(body)
                body = b""
        else:
            header += byte
            if len(header) == 2:
                left, header = struct.unpack(">H", header)[0], b""
    return frames


def raw_packet(n: int, random: Random) -> tuple[Any, ...]:
    return (bytes(random.choice((192, 219, 65, 66, 67, 68)) for _ in range(n)),)


def escaped_by_replace(packet: bytes) -> bytes:
    return packet.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")


def escaped_into_bytearray(packet: bytes) -> bytes:
    out = bytearray()
    for byte in packet:
        if byte == 0xC0:
            out += b"\xdb\xdc"
        elif byte == 0xDB:
            out += b"\xdb\xdd"
        else:
            out.append(byte)
    return bytes(out)


def escaped_by_adding(packet: bytes) -> bytes:
    escapes = {0xC0: b"\xdb\xdc", 0xDB: b"\xdb\xdd"}
    out = b""
    for byte in packet:
        out = out + escapes.get(byte, bytes([byte]))
    return out


def escaped_by_pattern(packet: bytes) -> bytes:
    return re.sub(rb"[\xc0\xdb]", lambda m: b"\xdb\xdc" if m.group() == b"\xc0" else b"\xdb\xdd", packet)


def byte_counts_by_count(data: bytes) -> list[int]:
    return [data.count(value) for value in range(256)]


def byte_counts_in_list(data: bytes) -> list[int]:
    counts = [0] * 256
    for byte in data:
        counts[byte] += 1
    return counts


def byte_counts_by_counter(data: bytes) -> list[int]:
    counts = Counter(data)
    return [counts[value] for value in range(256)]


def byte_counts_after_sorting(data: bytes) -> list[int]:
    counts = [0] * 256
    for value, run in itertools.groupby(sorted(data)):
        counts[value] = len(list(run))
    return counts


def signal_and_mark(n: int, random: Random) -> tuple[Any, ...]:
    mark = b"\x01\x02\x01\x03"
    return bytes(random.choice((1, 2, 3)) for _ in range(n)) + mark, mark


def marks_by_find(data: bytes, mark: bytes) -> list[int]:
    found = []
    at = data.find(mark)
    while at >= 0:
        found.append(at)
        at = data.find(mark, at + 1)
    return found


def marks_by_slices(data: bytes, mark: bytes) -> list[int]:
    return [i for i in range(len(data)) if data[i : i + len(mark)] == mark]


def marks_by_tails(data: bytes, mark: bytes) -> list[int]:
    return [i for i in range(len(data)) if data[i:].startswith(mark)]


def marks_by_pattern(data: bytes, mark: bytes) -> list[int]:
    return [m.start() for m in re.finditer(b"(?=" + re.escape(mark) + b")", data)]


def numbers_to_send(n: int, random: Random) -> tuple[Any, ...]:
    return ([random.randrange(1 << random.choice((7, 14, 28))) for _ in range(n)],)


def varints_in_bytearray(numbers: list[int]) -> bytes:
    out = bytearray()
    for number in numbers:
        while number > 127:
            out.append(number & 127 | 128)
            number >>= 7
        out.append(number)
    return bytes(out)


def varints_by_adding(numbers: list[int]) -> bytes:
    sent = b""
    for number in numbers:
        while number >= 128:
            sent += bytes([number % 128 + 128])
            number //= 128
        sent += bytes([number])
    return sent


def varints_by_joining(numbers: list[int]) -> bytes:
    def encode(number: int) -> bytes:
        if number < 128:
            return bytes((number,))
        return bytes((number & 127 | 128,)) + encode(number >> 7)

    return b"".join(map(encode, numbers))


def text_and_key(n: int, random: Random) -> tuple[Any, ...]:
    return random.randbytes(n), b"secret"


def ciphered_by_cycle(data: bytes, key: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(data, itertools.cycle(key), strict=False))


def ciphered_by_position(data: bytes, key: bytes) -> bytes:
    out = bytearray(len(data))
    for i in range(len(data)):
        out[i] = data[i] ^ key[i % len(key)]
    return bytes(out)


def ciphered_as_number(data: bytes, key: bytes) -> bytes:
    pad = (key * (len(data) // len(key) + 1))[: len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(pad, "big")).to_bytes(len(data), "big")


def ciphered_by_tables(data: bytes, key: bytes) -> bytes:
    out = bytearray(data)
    for i, k in enumerate(key):
        table = bytes(k ^ value for value in range(256))
        out[i :: len(key)] = data[i :: len(key)].translate(table)
    return bytes(out)


FAMILIES = [
    Family("folded-bytes", some_bytes, (folded_by_loop, folded_by_reduce, folded_in_halves, folded_by_counts)),
    Family("cyclic-checks", some_bytes, (crc_bit_by_bit, crc_by_table, crc_by_library, crc_in_pieces)),
    Family("hex-dumps", some_bytes, (dump_by_format, dump_by_method, dump_by_adding, dump_by_pairs)),
    Family("frames", framed, (frames_by_position, frames_by_shortening, frames_by_reading, frames_byte_by_byte), 100_000),
    Family("escaped-packets", raw_packet, (escaped_by_replace, escaped_into_bytearray, escaped_by_adding, escaped_by_pattern)),
    Family("byte-counts", some_bytes, (byte_counts_by_count, byte_counts_in_list, byte_counts_by_counter, byte_counts_after_sorting)),
    Family("marks-in-bytes", signal_and_mark, (marks_by_find, marks_by_slices, marks_by_tails, marks_by_pattern)),
    Family("varints", numbers_to_send, (varints_in_bytearray, varints_by_adding, varints_by_joining)),
    Family("ciphers", text_and_key, (ciphered_by_cycle, ciphered_by_position, ciphered_as_number, ciphered_by_tables)),
]
