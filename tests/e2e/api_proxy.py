"""Stands between liminal and a real API server: counts what is asked, and answers badly when a test says so.

It speaks TLS with the server's own certificate and HTTP/1.1, takes any credentials, and goes on as the administrator.
"""

import base64
import http.client
import http.server
import os
import socket
import ssl
import struct
import tempfile
import threading
import time

import yaml

# A token that must be seen nowhere.
CANARY = "canary-5up3r-s3cret-token"


class Proxy:
    """`fault(number, method, path)` is asked for each request, the first being 1; None lets it pass, else one of:
    ("answer", status, headers, body), "refuse" (reset before an answer), "cut" (reset within the body), "slow", "garbage",
    "endless", ("before", callable): called, then reset, nothing sent on; ("after", callable): sent on, called, then reset;
    ("instead", status, headers, body): sent on, and answered so instead."""

    def __init__(self, kubeconfig, folder):
        with open(kubeconfig) as file:
            config = yaml.safe_load(file)
        cluster = config["clusters"][0]["cluster"]
        user = config["users"][0]["user"]
        self.host, port = cluster["server"].removeprefix("https://").split(":")
        self.port = int(port)
        self.upstream = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        with tempfile.NamedTemporaryFile("wb") as certificate, tempfile.NamedTemporaryFile("wb") as key:
            certificate.write(base64.b64decode(user["client-certificate-data"]))
            key.write(base64.b64decode(user["client-key-data"]))
            certificate.flush()
            key.flush()
            self.upstream.load_cert_chain(certificate.name, key.name)
        self.requests = []
        self.fault = lambda number, method, path: None
        self.delay = 0.0
        self.lock = threading.Lock()
        pki = os.path.join(os.path.dirname(kubeconfig), "pki")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(pki, "apiserver.crt"), os.path.join(pki, "apiserver.key"))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # a client that was killed hangs up
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        config["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{self.server.server_port}"
        config["users"][0]["user"] = {"token": CANARY}
        self.kubeconfig = os.path.join(folder, "proxy-kubeconfig")
        with open(self.kubeconfig, "w") as file:
            yaml.safe_dump(config, file)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def reset(self, fault=None):
        """Begins to count anew."""
        with self.lock:
            self.requests = []
            self.fault = fault or (lambda number, method, path: None)

    def handler(proxy):  # noqa: N805: the handler's own self is another
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def body(self):
                if self.headers.get("Transfer-Encoding") == "chunked":
                    parts = []
                    while size := int(self.rfile.readline(), 16):
                        parts.append(self.rfile.read(size))
                        self.rfile.readline()
                    self.rfile.readline()
                    return b"".join(parts)
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))

            def cut(self):
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                self.connection.close()

            def reply(self, status, headers, body):
                self.send_response_only(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def forward(self, body):
                upstream = http.client.HTTPSConnection(proxy.host, proxy.port, context=proxy.upstream, timeout=60)
                kept = {name: value for name, value in self.headers.items()
                        if name.lower() not in ("authorization", "host", "connection", "transfer-encoding", "content-length")}
                upstream.request(self.command, self.path, body or None, kept)
                answer = upstream.getresponse()
                data = answer.read()
                headers = {name: value for name, value in answer.getheaders()
                           if name.lower() not in ("transfer-encoding", "connection", "content-length")}
                return answer.status, headers, data

            def handle_any(self):
                body = self.body()
                with proxy.lock:
                    proxy.requests.append((self.command, self.path))
                    fault = proxy.fault(len(proxy.requests), self.command, self.path)
                if proxy.delay:
                    time.sleep(proxy.delay)
                if fault is None:
                    return self.reply(*self.forward(body))
                if isinstance(fault, tuple) and fault[0] == "answer":
                    return self.reply(*fault[1:])
                if isinstance(fault, tuple) and fault[0] == "instead":
                    self.forward(body)
                    return self.reply(*fault[1:])
                if isinstance(fault, tuple):
                    if fault[0] == "after":
                        self.forward(body)
                    fault[1]()
                    return self.cut()
                return getattr(self, f"fault_{fault}")(body)

            def fault_refuse(self, _):
                self.cut()

            def fault_cut(self, body):
                status, _, data = self.forward(body)
                self.send_response_only(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data[: len(data) // 2])
                self.wfile.flush()
                self.cut()

            def fault_slow(self, body):
                time.sleep(3)
                self.reply(*self.forward(body))

            def fault_garbage(self, _):
                self.reply(200, {"Content-Type": "application/json"}, b"\x00\xff{]" + CANARY.encode() + b"<html>" * 100)

            def fault_endless(self, _):
                self.send_response_only(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                piece = b"x" * 65536
                try:
                    while True:
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                except OSError:
                    self.close_connection = True

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_any

        return Handler
