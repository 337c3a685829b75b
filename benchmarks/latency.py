"""A network between a client and a server of this machine: whatever either sends arrives some milliseconds later."""
import asyncio
import contextlib
import threading


@contextlib.contextmanager
def relay(host, port, seconds):
    """The port of a relay that delays both directions; what is under way does not hold up what comes after it."""
    listening = threading.Event()
    found = []

    async def serve():
        end = asyncio.Event()
        server = await asyncio.start_server(lambda *streams: passes(*streams, host, port, seconds), "127.0.0.1", 0)
        found.extend([server.sockets[0].getsockname()[1], asyncio.get_running_loop(), end])
        listening.set()
        await end.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    listening.wait()
    port_here, loop, end = found
    try:
        yield port_here
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join()


async def passes(reader, writer, host, port, seconds):
    there, back = await asyncio.open_connection(host, port)
    with contextlib.suppress(asyncio.CancelledError):  # the relay ends before its clients
        await asyncio.gather(later(reader, back, seconds), later(there, writer, seconds))


async def later(reader, writer, seconds):
    loop = asyncio.get_running_loop()
    under_way = asyncio.Queue()

    async def arrive():
        while True:
            moment, data = await under_way.get()
            await asyncio.sleep(moment - loop.time())
            if not data:
                return
            writer.write(data)
            await writer.drain()

    arriving = asyncio.create_task(arrive())
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            under_way.put_nowait((loop.time() + seconds, data))
    under_way.put_nowait((loop.time() + seconds, b""))
    with contextlib.suppress(OSError):
        await arriving
    writer.close()
