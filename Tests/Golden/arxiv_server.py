"""Stands for arXiv's interface on this machine, for the tests of asking it. Prints its port; ends with its standard input."""

import http.server
import os
import sys
import threading
import urllib.parse

ENTRY = (
    "<entry><id>http://arxiv.org/abs/{0}v2</id><published>2023-06-14T00:00:00Z</published>"
    "<title>Title of {0}</title><author><name>Ada Lovelace</name></author></entry>"
)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        names = query.get("id_list", [""])[0].split(",")
        if "2401.00503" in names:
            self.send_error(503)
            return
        if "2401.00302" in names:
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()
            return
        body = "<feed>" + "".join(ENTRY.format(name) for name in names if name != "2401.00404") + "</feed>"
        if "2401.00413" in names:
            body = "<feed>" + " " * (9 << 20) + "</feed>"
        self.send_response(200)
        self.end_headers()
        try:
            self.wfile.write(body.encode())
        except ConnectionError:
            pass

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
os._exit(0)
