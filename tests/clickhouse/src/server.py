"""ClickHouse's engine behind the part of its HTTP interface that Lamplight uses.

    python server.py FOLDER USER PASSWORD

Prints the port it listens on, and ends when its standard input does.
"""

import gzip
import os
import re
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import zstandard
from chdb.session import Session

FOLDER, USER, PASSWORD = sys.argv[1:4]
SESSION = Session(FOLDER + "/engine")
os.makedirs(FOLDER + "/data", exist_ok=True)
# The engine runs one query at a time for all threads.
LOCK = threading.Lock()
# What is in the query of an address and is no setting of the engine.
OWN = {"query", "database", "default_format", "user", "password", "query_id", "compress", "wait_end_of_query"}


class Refused(Exception):
    """An answer that is an error of the HTTP interface itself."""


def run(query, form="Null"):
    return SESSION.query(query, form).bytes() or b""


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def execute(query, database, form, settings):
    with LOCK:
        applied = []
        run(f"USE `{database}`")
        try:
            for name, value in settings:
                run(f"SET {name} = {quoted(value)}")
                applied.append(name)
            return run(query, form)
        finally:
            for name in applied:
                if not name.startswith("param_"):
                    run(f"SET {name} = DEFAULT")


def whole(query, body):
    """Returns the text to execute, and the file with its data, if any.

    Data behind a query ends at its first empty line for the engine, even if its format is a binary one.
    """
    insert = re.fullmatch(rb"(insert\s+into\s.+?)\s+((?:settings\s.+)?format\s+\w+)\s*", query, re.I | re.S)
    if not insert or not body:
        return query + b"\n" + body if query and body else query or body, None
    number, file = tempfile.mkstemp(dir=FOLDER + "/data")
    with os.fdopen(number, "wb") as data:
        data.write(body)
    into, form = insert.groups()
    return into + f" FROM INFILE {quoted(file)} COMPRESSION 'none' ".encode() + form, file


def status_of(code):
    """The statuses of the server for errors of the engine."""
    if code in (60, 81):  # UNKNOWN_TABLE, UNKNOWN_DATABASE
        return 404
    if code in (516, 193, 194):  # AUTHENTICATION_FAILED
        return 403
    if code in (62, 47, 46, 36, 53, 70, 16, 10, 27, 117):  # syntax, names, types, data
        return 400
    return 500


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            body = b"".join(parts)
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        coding = self.headers.get("Content-Encoding", "").strip().lower()
        if coding == "gzip":
            return gzip.decompress(body)
        if coding == "zstd":
            return zstandard.ZstdDecompressor().decompressobj().decompress(body)
        if coding:
            raise Refused(400, f"Code: 36. DB::Exception: Unknown encoding {coding}. (BAD_ARGUMENTS)")
        return body

    def handle_request(self):
        address = urlsplit(self.path)
        body = None
        try:
            body = self.body()
            if address.path == "/ping":
                return self.answer(200, b"Ok.\n")
            if address.path not in ("", "/"):
                return self.answer(404, b"There is no handle " + self.path.encode())
            values = parse_qsl(address.query, keep_blank_values=True)
            options = dict(values)
            user = options.get("user") or self.headers.get("X-ClickHouse-User") or "default"
            password = options.get("password") or self.headers.get("X-ClickHouse-Key") or ""
            if (user, password) != (USER, PASSWORD):
                raise Refused(403, f"Code: 516. DB::Exception: {user}: Authentication failed. (AUTHENTICATION_FAILED)")
            query = options.get("query", "").encode()
            if self.command == "GET" and not re.match(rb"\s*(select|show|describe|with|exists)", query, re.I):
                raise Refused(500, "Code: 164. DB::Exception: Cannot execute query in readonly mode. (READONLY)")
            text, file = whole(query, body)
            form = options.get("default_format") or self.headers.get("X-ClickHouse-Format") or "TabSeparated"
            database = options.get("database") or self.headers.get("X-ClickHouse-Database") or "default"
            settings = [(name, value) for name, value in values if name not in OWN]
            try:
                answer = execute(text, database, form, settings)
            finally:
                if file:
                    os.unlink(file)
            self.answer(200, answer, {"X-ClickHouse-Format": form})
        except Refused as refused:
            self.refuse(*refused.args)
        except Exception as error:  # Of the engine, which has no types for them.
            text = str(error)
            code = re.search(r"Code: (\d+)", text)
            self.refuse(status_of(int(code.group(1))) if code else 500, text)

    def refuse(self, status, text):
        code = re.search(r"Code: (\d+)", text)
        headers = {"X-ClickHouse-Exception-Code": code.group(1)} if code else {}
        self.answer(status, text.encode() + b"\n", headers)

    def answer(self, status, body, headers={}):
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = handle_request


def end():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end, daemon=True).start()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # A client that hung up.


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
