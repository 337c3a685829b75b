#!/usr/bin/env python3
"""The client of Kubernetes does what its header says against a real API server (kube_client/kube_client_checks.cpp)."""

import os
import pathlib
import re
import socket
import threading

from support import SOURCE, EndToEnd, environment, main, run

CHECKS = os.environ.get("KUBE_CLIENT_CHECKS", str(SOURCE / "build/tests/e2e/kube_client_checks"))


class Relay:
    """Passes connections on to a port of this machine, and counts them."""

    def __init__(self, port):
        self.connections = 0
        self.sockets = []
        self.target = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            server = socket.create_connection(("127.0.0.1", self.target))
            self.sockets += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self.copy, args=(source, sink), daemon=True).start()

    def close(self):
        for one in (self.listener, *self.sockets):
            one.close()

    @staticmethod
    def copy(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class KubeClient(EndToEnd):
    def setUp(self):
        super().setUp()
        self.kubeconfig = pathlib.Path(self.start("kubernetes-api")["KUBECONFIG"])

    def check(self, name, kubeconfig):
        done = run(CHECKS, f"--gtest_filter={name}", env=environment(KUBECONFIG=kubeconfig))
        self.assertRegex(done.stdout, r"\[  PASSED  \] [1-9]")

    def test_the_client_against_a_real_server(self):
        self.check("*", self.kubeconfig)

        # Once more through something that counts its connections.
        text = self.kubeconfig.read_text()
        relay = Relay(int(re.search(r"https://127\.0\.0\.1:(\d+)", text)[1]))
        self.addCleanup(relay.close)
        counted = self.kubeconfig.with_name("counted")
        counted.write_text(re.sub(r"https://127\.0\.0\.1:\d+", f"https://127.0.0.1:{relay.port}", text))
        for name in ("TwoHundredCallsShareAConnection", "SlowRequestsShareAConnectionAtTheSameTime"):
            with self.subTest(name):
                relay.connections = 0
                self.check(f"ApiServer.{name}", counted)
                self.assertEqual(relay.connections, 1)


if __name__ == "__main__":
    main()
