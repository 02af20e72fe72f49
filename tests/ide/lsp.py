"""A client of rust-analyzer: the Language Server Protocol over the pipes of a child process."""

import json
import pathlib
import queue
import subprocess
import threading

CONTENT_MODIFIED = -32801
# The first analysis builds the macros of all dependencies.
TIMEOUT = 900

CAPABILITIES = {
    "experimental": {"serverStatusNotification": True},
    "general": {"positionEncodings": ["utf-32"]},
    "textDocument": {
        "completion": {"completionItem": {"snippetSupport": False}},
        "definition": {"linkSupport": False},
        "diagnostic": {},
        "hover": {"contentFormat": ["plaintext"]},
        "rename": {"prepareSupport": True},
    },
    "window": {"workDoneProgress": True},
    "workspace": {"configuration": True, "workspaceEdit": {"documentChanges": True}},
}

OPTIONS = {
    # The checks are about rust-analyzer's own analysis, not about the output of the compiler.
    "checkOnSave": False,
    "cargo": {"targetDir": True},
    "completion": {"autoimport": {"enable": False}},
    "diagnostics": {"experimental": {"enable": True}},
}


class Server:
    """A running rust-analyzer."""

    def __init__(self, command, root, environment, log):
        self.process = subprocess.Popen(
            command, cwd=root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
        )
        self.messages = queue.Queue()
        self.last_id = 0
        self.status = {}
        self.versions = {}
        threading.Thread(target=self._read, daemon=True).start()
        folder = {"uri": pathlib.Path(root).as_uri(), "name": "functions"}
        parameters = {
            "processId": None,
            "rootUri": folder["uri"],
            "workspaceFolders": [folder],
            "capabilities": CAPABILITIES,
            "initializationOptions": OPTIONS,
        }
        self.request("initialize", parameters)
        self.notify("initialized", {})

    def _read(self):
        output = self.process.stdout
        while True:
            length = None
            while (line := output.readline().strip()):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            if length is None:
                self.messages.put(None)
                return
            self.messages.put(json.loads(output.read(length)))

    def _send(self, message):
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
        self.process.stdin.flush()

    def _receive(self):
        """Handles one message of the server. Returns it if it is a response."""
        message = self.messages.get(timeout=TIMEOUT)
        if message is None:
            raise RuntimeError(f"rust-analyzer ended with status {self.process.wait()}")
        if "method" not in message:
            return message
        if message["method"] == "experimental/serverStatus":
            self.status = message["params"]
        if "id" in message:
            result = [OPTIONS] if message["method"] == "workspace/configuration" else None
            self._send({"id": message["id"], "result": result})
        return None

    def notify(self, method, parameters):
        self._send({"method": method, "params": parameters})

    def request(self, method, parameters):
        """Returns the result of a request. Repeats a request that the server has canceled because a file has changed."""
        while True:
            self.last_id += 1
            self._send({"id": self.last_id, "method": method, "params": parameters})
            while (response := self._receive()) is None or response["id"] != self.last_id:
                pass
            error = response.get("error")
            if error is None:
                return response["result"]
            if error["code"] != CONTENT_MODIFIED:
                raise RuntimeError(f"{method}: {error['message']}")

    def wait_until_ready(self):
        """Waits until the server has loaded the package and built its macros."""
        while not self.status.get("quiescent"):
            self._receive()
        if self.status.get("health") != "ok":
            raise RuntimeError(f"rust-analyzer is not ready: {self.status}")

    def set_text(self, file, text):
        """Opens a file, or replaces the text of an open file."""
        uri = file.as_uri()
        self.versions[uri] = self.versions.get(uri, 0) + 1
        document = {"uri": uri, "version": self.versions[uri]}
        if document["version"] == 1:
            self.notify("textDocument/didOpen", {"textDocument": {**document, "languageId": "rust", "text": text}})
        else:
            self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def close(self):
        self.request("shutdown", None)
        self.notify("exit", None)
        self.process.wait()
