"""The example `mcp` with the Python client.

    client.py check MCP    starts the function at the path MCP and checks what a client sees; prints "passed"
    client.py times MCP    prints when the progress notifications of a call arrive
"""

import asyncio
import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

TOKEN = "a-token-for-the-tests"
NAMES = ["orders", "payments", "search"]
WAIT_TIMEOUT = 20


class Services:
    """Health endpoints, each of which responds when `respond` is called for it."""

    def __init__(self):
        self.released = {name: threading.Event() for name in NAMES}
        self.requested = {name: threading.Event() for name in NAMES}
        services = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.strip("/")
                services.requested[name].set()
                services.released[name].wait(WAIT_TIMEOUT)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"all is well")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def variable(self):
        address = "http://127.0.0.1:%d" % self.server.server_port
        return ",".join(f"{name}={address}/{name}" for name in NAMES)

    def respond(self, name):
        self.released[name].set()

    async def wait_for_request(self, name):
        assert await asyncio.to_thread(self.requested[name].wait, WAIT_TIMEOUT), f"{name} received no request"


@contextlib.contextmanager
def function(path, services):
    """Starts the function in local mode and returns its URL."""
    environment = {"MCP_TOKEN": TOKEN, "SERVICES": services.variable(), "PATH": os.environ["PATH"]}
    process = subprocess.Popen([path, "--port", "0"], stderr=subprocess.PIPE, text=True, env=environment)
    try:
        for line in process.stderr:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                break
        else:
            raise AssertionError("the function did not start")
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield found.group()
    finally:
        process.kill()
        process.wait()


@contextlib.asynccontextmanager
async def connect(url, token=TOKEN, mode="auto", on_response=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    hooks = {"response": [on_response]} if on_response else {}
    options = {"headers": headers, "event_hooks": hooks, "trust_env": False, "timeout": WAIT_TIMEOUT}
    async with httpx2.AsyncClient(**options) as http_client:
        transport = streamable_http_client(f"{url}/mcp", http_client=http_client)
        async with Client(transport, mode=mode, cache=None) as client:
            yield client


async def check_lists(client):
    tools = (await client.list_tools()).tools
    assert [tool.name for tool in tools] == ["check_services", "health_report", "search_runbooks"], tools
    assert tools[2].input_schema["required"] == ["query"], tools[2]
    assert [prompt.name for prompt in (await client.list_prompts()).prompts] == ["incident"]
    prompt = await client.get_prompt("incident", {"symptom": "orders time out"})
    assert "incident: orders time out" in prompt.messages[0].content.text, prompt
    resources = (await client.list_resources()).resources
    assert len(resources) == 5, resources
    contents = (await client.read_resource(resources[0].uri)).contents
    assert contents[0].text.startswith(f"# {resources[0].name}\n"), contents


async def check_arguments(client):
    result = await client.call_tool("search_runbooks", {"query": "database connections", "limit": 1})
    [found] = result.structured_content["runbooks"]
    assert found["uri"] == "runbook://database-connections", found
    invalid = await client.call_tool("search_runbooks", {"query": 7})
    assert invalid.is_error and "expected a string" in invalid.content[0].text, invalid
    failed = await client.call_tool("health_report", {"service": "billing"})
    assert failed.is_error and "the services are orders, payments, search" in failed.content[0].text, failed


async def check_progress(client, services):
    """Each service responds only after the notification about the service before has arrived."""
    received = []

    async def on_progress(progress, total, message):
        received.append((progress, total, message))
        if progress < len(NAMES):
            services.respond(NAMES[int(progress)])

    result = await client.call_tool("check_services", {}, progress_callback=on_progress)
    expected = [(0, 3, "started")] + [(i + 1, 3, f"{name}: 200 OK") for i, name in enumerate(NAMES)]
    assert received == expected, received
    assert [check["service"] for check in result.structured_content["checks"]] == NAMES, result


async def check_concurrent_calls(client, services):
    """The second call starts and ends while the first one runs."""
    first = asyncio.create_task(client.call_tool("health_report", {"service": "orders"}))
    await services.wait_for_request("orders")
    second = asyncio.create_task(client.call_tool("health_report", {"service": "payments"}))
    await services.wait_for_request("payments")
    services.respond("payments")
    assert (await second).content[0].text == "all is well"
    assert not first.done()
    services.respond("orders")
    assert (await first).content[0].text == "all is well"


async def check_authorization(url):
    for token in [None, "another-token-for-the-tests"]:
        statuses = []

        async def on_response(response):
            statuses.append(response.status_code)

        try:
            async with connect(url, token, on_response=on_response) as client:
                await client.list_tools()
        except Exception:
            # The exception of the client does not contain the status.
            assert set(statuses) == {401}, statuses
        else:
            raise AssertionError(f"the token {token} was accepted")


async def check(path):
    for mode in ["auto", "legacy"]:
        services = Services()
        with function(path, services) as url:
            async with connect(url, mode=mode) as client:
                await check_lists(client)
                await check_arguments(client)
                await check_progress(client, services)
        services = Services()
        with function(path, services) as url:
            async with connect(url, mode=mode) as client:
                await check_concurrent_calls(client, services)
            await check_authorization(url)
    print("passed")


async def times(path):
    """Service n responds n × 200 ms after the call."""
    for mode in ["auto", "legacy"]:
        services = Services()
        with function(path, services) as url:
            async with connect(url, mode=mode) as client:
                # The first call also starts an execution environment, and loads the client's validator of JSON schemas.
                await client.call_tool("search_runbooks", {"query": "queue"})
                loop, arrivals = asyncio.get_running_loop(), []

                async def on_progress(progress, total, message):
                    arrivals.append((time.perf_counter(), message))

                for n, name in enumerate(NAMES):
                    loop.call_later(0.2 * (n + 1), services.respond, name)
                called = time.perf_counter()
                await client.call_tool("check_services", {}, progress_callback=on_progress)
                ended = time.perf_counter()
                print(f"protocol {client.protocol_version}")
                before = called
                for at, message in arrivals:
                    print(f"  {1000 * (at - called):7.1f} ms  (+{1000 * (at - before):.1f} ms)  {message}")
                    before = at
                print(f"  {1000 * (ended - called):7.1f} ms  (+{1000 * (ended - before):.1f} ms)  result")


if __name__ == "__main__":
    command, path = sys.argv[1:]
    asyncio.run({"check": check, "times": times}[command](path))
