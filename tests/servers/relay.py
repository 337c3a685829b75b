#!/usr/bin/env python3
"""Passes TCP connections on from one network namespace to another. A namespace is a file, /proc/ID/ns/net.

relay.py LISTEN-NAMESPACE HOST:PORT DIAL-NAMESPACE HOST:PORT
"""

import asyncio
import ctypes
import os
import socket
import sys

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def enter(namespace):
    descriptor = os.open(namespace, os.O_RDONLY)
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        sys.exit(f"{namespace}: {os.strerror(ctypes.get_errno())}")
    os.close(descriptor)


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


async def copy(reader, writer):
    try:
        while data := await reader.read(1 << 18):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()


async def serve(listener, target):
    async def passes(reader, writer):
        try:
            there, back = await asyncio.open_connection(*target, limit=1 << 20)
        except OSError as error:
            print(f"{target}: {error}", file=sys.stderr)
            writer.close()
            return
        await asyncio.gather(copy(reader, back), copy(there, writer))
        for one in (writer, back):
            one.close()

    async with await asyncio.start_server(passes, sock=listener, limit=1 << 20) as server:
        await server.serve_forever()


def main():
    listens, listen, dials, dial = sys.argv[1:]
    # A socket stays in the namespace that it was made in; all later ones are made in the second.
    dials = f"/proc/self/fd/{os.open(dials, os.O_RDONLY)}"
    enter(listens)
    listener = socket.create_server(address(listen), backlog=512)
    enter(dials)
    asyncio.run(serve(listener, address(dial)))


if __name__ == "__main__":
    main()
