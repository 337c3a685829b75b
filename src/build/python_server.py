"""Answers HTTP requests with Python functions: the program of a python_server image.

endpoints.json, beside this file, is a list of {"path", "module", "function"}. A GET or POST of a path calls its
function (`async def` or not) with the request's body (bytes, empty when there is none) and answers with what it returns:
text, bytes, something for JSON, or a pair of one of these and a status. Modules are imported from the working folder.

SIGUSR1 has it serve on and ask clients not to keep their connections. SIGTERM ends it.

Needs Python 3.8 or later and its standard library alone.
"""

import argparse
import asyncio
import importlib
import inspect
import json
import os
import signal
import sys
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

LARGEST_BODY = 256 * 1024 * 1024
LONGEST_LINE = 64 * 1024
TEXT = "text/html; charset=utf-8"
JSON = "application/json"
SECONDS_TO_FINISH = 0.5  # what requests under way get when the server is stopped
SECONDS_OF_SILENCE = 60  # after which a connection is closed


class RequestError(Exception):
    """The request cannot be answered; carries the status that says so."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status
        self.text = text


def load_functions(endpoints):
    """Imports every endpoint's function. Raises SystemExit, which names the endpoint, when one is not there."""
    functions = {}
    for endpoint in endpoints:
        path, module, function = endpoint["path"], endpoint["module"], endpoint["function"]
        try:
            functions[path] = getattr(importlib.import_module(module), function)
        except Exception as error:
            traceback.print_exc()
            raise SystemExit("endpoint %s: cannot load %s from %s: %s" % (path, function, module, error))
        print("endpoint %s: %s.%s" % (path, module, function), flush=True)
    return functions


def to_response(returned):
    """Status, content type and bytes of what a function returned."""
    status = 200
    if isinstance(returned, tuple) and len(returned) == 2 and isinstance(returned[1], int):
        returned, status = returned
    if isinstance(returned, str):
        return status, TEXT, returned.encode("utf-8")
    if isinstance(returned, (bytes, bytearray)):
        return status, TEXT, bytes(returned)
    if isinstance(returned, (dict, list)):
        return status, JSON, json.dumps(returned).encode("utf-8")
    raise TypeError("an endpoint's function must return text, bytes, a dict or a list, not %s" % type(returned).__name__)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "liminal"
    sys_version = ""
    wbufsize = -1  # head and body leave together
    disable_nagle_algorithm = True
    timeout = SECONDS_OF_SILENCE

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def do_HEAD(self):
        self.answer()

    def do_OPTIONS(self):
        self.refuse_method(200)

    def do_PUT(self):
        self.refuse_method(405)

    do_PATCH = do_DELETE = do_PUT

    def refuse_method(self, status):
        self.close_connection = True  # the body, if there is one, is not read
        text = b"" if status == 200 else b"Method Not Allowed"
        self.respond(status, TEXT, text, {"Allow": "GET, HEAD, OPTIONS, POST"})

    def answer(self):
        with self.server.request_under_way():
            # Whoever keeps the connection sends the next request elsewhere, and none into one that is cut.
            self.close_connection = self.close_connection or self.server.retiring
            try:
                body = self.read_body()
                status, kind, content = self.call(body)
            except RequestError as error:
                self.close_connection = True
                status, kind, content = error.status, TEXT, error.text.encode("utf-8")
            self.respond(status, kind, content)

    def call(self, body):
        path = unquote(self.path.partition("?")[0].partition("#")[0])
        if path == "/favicon.ico":
            return 204, TEXT, b""
        function = self.server.functions.get(path)
        if function is None:
            return 404, TEXT, b"Page not found."
        try:
            returned = function(body)
            return to_response(asyncio.run(returned) if inspect.iscoroutine(returned) else returned)
        except Exception:
            traceback.print_exc()
            return 500, TEXT, b"Internal Server Error"

    def read_body(self):
        encoding = self.headers.get("Transfer-Encoding", "").strip().lower()
        lengths = self.headers.get_all("Content-Length", [])
        if encoding:
            if encoding != "chunked" or lengths:
                raise RequestError(400, "Bad Request")
            return self.read_chunks()
        if not lengths:
            return b""
        if len(lengths) > 1 or not (lengths[0].isascii() and lengths[0].isdigit()):
            raise RequestError(400, "Bad Request")
        return self.read_exactly(int(lengths[0][:20]))

    def read_chunks(self):
        body = bytearray()
        while True:
            try:
                size = int(self.rfile.readline(LONGEST_LINE).partition(b";")[0].strip(), 16)
            except ValueError:
                raise RequestError(400, "Bad Request")
            if size == 0:
                break
            if size < 0 or len(body) + size > LARGEST_BODY:
                raise RequestError(413, "Request Entity Too Large")
            body += self.read_exactly(size)
            if self.rfile.readline(LONGEST_LINE).strip():
                raise RequestError(400, "Bad Request")
        for _ in range(100):  # trailers
            if not self.rfile.readline(LONGEST_LINE).strip():
                return bytes(body)
        raise RequestError(400, "Bad Request")

    def read_exactly(self, size):
        if size > LARGEST_BODY:
            raise RequestError(413, "Request Entity Too Large")
        body = self.rfile.read(size)
        if len(body) != size:
            raise RequestError(400, "Bad Request")
        return body

    def respond(self, status, kind, content, headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, format, *args):
        text = "%s %s" % (self.address_string(), format % args)
        print("".join(c if c.isprintable() else "\\x%02x" % ord(c) for c in text), file=sys.stderr, flush=True)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address, functions):
        self.functions = functions
        self.under_way = 0
        self.retiring = False
        self.changed = threading.Condition()
        super().__init__(address, Handler)

    def request_under_way(self):
        return RequestUnderWay(self)

    def handle_error(self, request, client_address):
        # A client that went away is no news.
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)

    def wait_for_requests(self):
        deadline = time.monotonic() + SECONDS_TO_FINISH
        with self.changed:
            while self.under_way > 0 and time.monotonic() < deadline:
                self.changed.wait(deadline - time.monotonic())


class RequestUnderWay:
    def __init__(self, server):
        self.server = server

    def __enter__(self):
        with self.server.changed:
            self.server.under_way += 1

    def __exit__(self, *exception):
        with self.server.changed:
            self.server.under_way -= 1
            self.server.changed.notify_all()


def main():
    parser = argparse.ArgumentParser(description="Answers HTTP requests with Python functions.")
    parser.add_argument("--address", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=80)
    parser.add_argument("--endpoints", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "endpoints.json"))
    options = parser.parse_args()
    # In place of this file's own folder.
    sys.path[0] = os.getcwd()
    with open(options.endpoints, encoding="utf-8") as stream:
        functions = load_functions(json.load(stream))
    try:
        server = Server((options.address, options.port), functions)
    except OSError as error:
        raise SystemExit("cannot listen on %s port %d: %s" % (options.address, options.port, error))

    # As a container's first process it would be spared by a signal it does not handle. serve_forever must be stopped
    # from another thread.
    def stop(signal_number, frame):
        threading.Thread(target=server.shutdown, daemon=True).start()

    # It will be stopped in some seconds.
    def retire(signal_number, frame):
        server.retiring = True

    signal.signal(signal.SIGUSR1, retire)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print("listening on %s port %d" % server.server_address[:2], flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    server.wait_for_requests()


if __name__ == "__main__":
    main()
