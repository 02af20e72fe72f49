"""A TCP proxy between the browser and a function, which can break a response off."""

import select
import socket
import threading


class Proxy:
    """A TCP proxy between the browser and a function. It records requests and can close a connection within an event."""

    def __init__(self, port):
        self.target_port = port
        self.requests = []
        # If set: closes the connection after the first response bytes that contain this.
        self.close_after = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            browser, _ = self.listener.accept()
            threading.Thread(target=self.forward, args=(browser,), daemon=True).start()

    def forward(self, browser):
        function = socket.create_connection(("127.0.0.1", self.target_port))
        for connection in (browser, function):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        response = b""
        with browser, function:
            while True:
                readable, _, _ = select.select([browser, function], [], [])
                if browser in readable:
                    request = browser.recv(65536)
                    if not request:
                        return
                    self.requests.append(request.decode("latin-1"))
                    response = b""
                    function.sendall(request)
                if function in readable:
                    part = function.recv(65536)
                    if not part:
                        return
                    forwarded, response = len(response), response + part
                    if self.close_after and self.close_after in response:
                        end = response.index(self.close_after) + len(self.close_after)
                        browser.sendall(response[forwarded:end])
                        self.close_after = None
                        return
                    browser.sendall(part)
