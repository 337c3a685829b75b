"""A token server for a registry, as the distribution token specification has it.

    registry-token-server.py PORT KEY CERTIFICATE

`GET /token?service=S&scope=repository:NAME:ACTIONS` answers a JWT signed by KEY. The user `user` with the password
`secret` gets what is asked for; who does not log in gets pull alone; a wrong password is refused.
"""

import base64
import http.server
import json
import secrets
import subprocess
import sys
import time
import urllib.parse

PORT, KEY, CERTIFICATE = int(sys.argv[1]), sys.argv[2], sys.argv[3]
LOGIN = "Basic " + base64.b64encode(b"user:secret").decode()


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def granted(scopes, logged_in):
    access = []
    for scope in " ".join(scopes).split():
        kind, rest = scope.split(":", 1)
        name, actions = rest.rsplit(":", 1)
        allowed = [action for action in actions.split(",") if logged_in or action == "pull"]
        access.append({"type": kind, "name": name, "actions": allowed})
    return access


def signed(claims):
    with open(CERTIFICATE) as file:
        certificate = "".join(line for line in file.read().split("\n") if "-----" not in line)
    header = {"typ": "JWT", "alg": "RS256", "x5c": [certificate]}
    message = b".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
    sign = subprocess.run(["openssl", "dgst", "-sha256", "-sign", KEY], input=message, stdout=subprocess.PIPE, check=True)
    return (message + b"." + base64url(sign.stdout)).decode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        authorization = self.headers.get("Authorization", "")
        logged_in = authorization == LOGIN
        if authorization and not logged_in:
            self.answer(401, b"")
            return
        now = int(time.time())
        token = signed({
            "iss": "test-issuer",
            "sub": "user" if logged_in else "",
            "aud": query.get("service", [""])[0],
            "exp": now + 300,
            "nbf": now - 10,
            "iat": now,
            "jti": secrets.token_hex(8),
            "access": granted(query.get("scope", []), logged_in),
        })
        self.answer(200, json.dumps({"token": token, "access_token": token, "expires_in": 300}).encode())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
