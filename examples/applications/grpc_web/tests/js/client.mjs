// Calls the service with @connectrpc/connect-web and grpc-web, which are the clients for browsers.
//
//     client.mjs CHECK ORDERS DETAILS
//
// This script is also the warehouse: it prints its URL, and reads the URL and the process id of the function that uses
// it from standard input. ORDERS and DETAILS are file descriptor sets. The script prints "passed", or exits with an
// error.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import grpcWeb from "grpc-web";
import XMLHttpRequest from "xhr2";

const [check, orders, details] = process.argv.slice(2);
const registry = (file) => createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(file)));
const ordersRegistry = registry(orders);
const OrderTracker = ordersRegistry.getService("orders.v1.OrderTracker");
const Stage = ordersRegistry.getEnum("orders.v1.Stage").value;
const stages = Object.fromEntries(Object.values(Stage).map((value) => [value.localName, value.number]));
const detail = (name) => registry(details).getMessage(`google.rpc.${name}`);

// The warehouse. `responses` has a document, a status or a function for each path.
const responses = new Map();
const requests = [];
const warehouse = createServer((request, response) => {
  requests.push(request);
  let result = responses.get(request.url) ?? 404;
  if (typeof result === "function") result = result();
  if (result === undefined) return;
  if (typeof result === "number") response.writeHead(result).end();
  else response.end(JSON.stringify(result));
});
const setOrder = (id, revision, stage, place = "Graz") => responses.set(`/orders/${id}`, { revision, stage, place });

warehouse.listen(0, "127.0.0.1");
await once(warehouse, "listening");
console.log(`http://127.0.0.1:${warehouse.address().port}`);
const [line] = await once(createInterface({ input: process.stdin }), "line");
const [baseUrl, processId] = line.split(" ");

const connect = (options) => createClient(OrderTracker, createGrpcWebTransport({ baseUrl, ...options }));
const client = connect();

// Returns the error of a call, and passes the messages before it to `onOrder`.
async function failure(orders, onOrder = () => assert.fail("a message")) {
  try {
    for await (const order of orders) onOrder(order);
  } catch (error) {
    assert.ok(error instanceof ConnectError, error);
    return error;
  }
  return assert.fail("the call succeeded");
}

const one = async function* (promise) {
  yield await promise;
};

// Kills the only execution environment, a child process of the local mode.
function killFunction() {
  const tasks = `/proc/${processId}/task`;
  const children = readdirSync(tasks).flatMap((task) => readFileSync(`${tasks}/${task}/children`, "utf8").split(" "));
  const [child, ...others] = children.filter(Boolean).map(Number);
  assert.ok(child > 0 && others.length === 0, children);
  process.kill(child, "SIGKILL");
}

const checks = {
  async unary_call_returns_order() {
    setOrder("A-1", 2 ** 40, "packed", "Zürich");
    const order = await client.getOrder({ orderId: "A-1" });
    assert.equal(order.orderId, "A-1");
    assert.equal(order.revision, 2n ** 40n);
    assert.deepEqual([order.stage, order.place], [stages.PACKED, "Zürich"]);
  },

  // The warehouse has the next change only after the client has received the previous one.
  async messages_arrive_while_the_call_runs() {
    const names = ["placed", "packed", "shipped", "delivered"];
    setOrder("A-1", 1, names[0]);
    const received = [];
    for await (const order of client.trackOrder({ orderId: "A-1" })) {
      received.push(order.stage);
      setOrder("A-1", received.length + 1, names[received.length]);
    }
    assert.deepEqual(received, [stages.PLACED, stages.PACKED, stages.SHIPPED, stages.DELIVERED]);
  },

  // Each call gets its next change only after the other one has received its previous change.
  async concurrent_calls_do_not_wait_for_each_other() {
    setOrder("A-1", 1, "packed");
    const first = client.trackOrder({ orderId: "A-1" })[Symbol.asyncIterator]();
    assert.equal((await first.next()).value.revision, 1n);
    setOrder("B-1", 1, "packed");
    const second = client.trackOrder({ orderId: "B-1" })[Symbol.asyncIterator]();
    assert.equal((await second.next()).value.revision, 1n);
    setOrder("A-1", 2, "delivered");
    assert.equal((await first.next()).value.revision, 2n);
    setOrder("B-1", 2, "cancelled");
    assert.equal((await second.next()).value.stage, stages.CANCELLED);
    assert.ok((await first.next()).done);
    assert.ok((await second.next()).done);
  },

  async metadata_is_sent_and_received() {
    setOrder("A-1", 1, "delivered");
    const headers = { authorization: "Bearer token" };
    let requestId;
    const onHeader = (headers) => (requestId = headers.get("x-request-id"));
    await client.getOrder({ orderId: "A-1" }, { headers, onHeader });
    assert.equal(requests.at(-1).headers.authorization, "Bearer token");
    assert.equal(requestId.length, 36);
    for await (const _ of client.trackOrder({ orderId: "A-1" }, { headers })) {
      assert.equal(requests.at(-1).headers.authorization, "Bearer token");
    }
    responses.set("/orders/A-1", 401);
    const error = await failure(client.trackOrder({ orderId: "A-1" }));
    assert.equal(error.code, Code.Unauthenticated);
    assert.equal(error.metadata.get("x-request-id").length, 36);
  },

  async error_details_are_decoded() {
    responses.set("/orders/A-1", 503);
    for (const call of [(input) => one(client.getOrder(input)), (input) => client.trackOrder(input)]) {
      const invalid = await failure(call({ orderId: "no/id" }));
      assert.equal(invalid.code, Code.InvalidArgument);
      const [{ fieldViolations }] = invalid.findDetails(detail("BadRequest"));
      assert.equal(fieldViolations[0].field, "order_id");

      const missing = await failure(call({ orderId: "B-1" }));
      assert.deepEqual([missing.code, missing.rawMessage], [Code.NotFound, "order B-1 does not exist"]);
      assert.equal(missing.findDetails(detail("ResourceInfo"))[0].resourceName, "B-1");

      const unavailable = await failure(call({ orderId: "A-1" }));
      assert.equal(unavailable.code, Code.Unavailable);
      assert.equal(unavailable.findDetails(detail("RetryInfo"))[0].retryDelay.seconds, 2n);
    }
  },

  async error_mid_stream_follows_its_messages() {
    setOrder("A-1", 1, "placed");
    const received = [];
    const error = await failure(client.trackOrder({ orderId: "A-1" }), (order) => {
      received.push(order.revision);
      if (order.revision === 1n) setOrder("A-1", 2, "packed");
      else responses.set("/orders/A-1", 500);
    });
    assert.deepEqual(received, [1n, 2n]);
    assert.deepEqual([error.code, error.rawMessage], [Code.Unavailable, "the warehouse is unavailable"]);
    assert.equal(error.findDetails(detail("RetryInfo")).length, 1);
  },

  // The client has no timer here, so the status is the function's. `timeoutMs` would also start one in the client.
  async deadline_ends_the_call_and_the_next_call_continues() {
    setOrder("A-1", 1, "packed");
    let revision = 0n;
    const headers = { "grpc-timeout": "1S" };
    const error = await failure(client.trackOrder({ orderId: "A-1" }, { headers }), (order) => ({ revision } = order));
    assert.deepEqual([error.code, error.rawMessage], [Code.DeadlineExceeded, "the timeout of the call has passed"]);
    assert.equal(revision, 1n);
    setOrder("A-1", 2, "delivered");
    const received = [];
    const next = client.trackOrder({ orderId: "A-1", afterRevision: revision });
    for await (const order of next) received.push(order.revision);
    assert.deepEqual(received, [2n]);
  },

  async timeout_of_client_is_sent() {
    setOrder("A-1", 1, "packed");
    let sent;
    const spy = (url, init) => {
      sent = init.headers.get("grpc-timeout");
      return fetch(url, init);
    };
    const orders = connect({ fetch: spy }).trackOrder({ orderId: "A-1" }, { timeoutMs: 1000 });
    assert.equal((await failure(orders, () => {})).code, Code.DeadlineExceeded);
    assert.equal(sent, "1000m");
  },

  // A request that is not UTF-8 is base64 in Lambda's event.
  async binary_request_arrives_unchanged() {
    setOrder("A-1", 301, "delivered");
    const received = [];
    for await (const order of client.trackOrder({ orderId: "A-1", afterRevision: 300n })) received.push(order.revision);
    for await (const _ of client.trackOrder({ orderId: "A-1", afterRevision: 301n })) assert.fail("a message");
    assert.deepEqual(received, [301n]);
  },

  // This `fetch` does what a browser does for a page of another origin.
  async cors_settings_suffice_for_the_client() {
    const origin = "https://shop.example";
    const list = (response, name) => response.headers.get(name).toLowerCase().split(/, */);
    const browser = async (url, init) => {
      const names = [...init.headers.keys()];
      const asked = { "access-control-request-method": init.method, "access-control-request-headers": names.join() };
      const preflight = await fetch(url, { method: "OPTIONS", headers: { origin, ...asked } });
      assert.equal(preflight.headers.get("access-control-allow-origin"), origin);
      assert.ok(list(preflight, "access-control-allow-methods").includes(init.method.toLowerCase()), init.method);
      for (const name of names) assert.ok(list(preflight, "access-control-allow-headers").includes(name), name);

      init.headers.set("origin", origin);
      const response = await fetch(url, init);
      assert.equal(response.headers.get("access-control-allow-origin"), origin);
      const exposed = [...list(response, "access-control-expose-headers"), "content-length", "content-type"];
      const headers = [...response.headers].filter(([name]) => exposed.includes(name));
      return new Response(response.body, { status: response.status, headers });
    };
    const client = connect({ fetch: browser });
    setOrder("A-1", 1, "delivered");
    const options = { headers: { authorization: "Bearer token" }, timeoutMs: 20_000 };
    for await (const order of client.trackOrder({ orderId: "A-1" }, options)) assert.equal(order.revision, 1n);
    const error = await failure(client.trackOrder({ orderId: "B-1" }, options));
    assert.equal(error.code, Code.NotFound);
    assert.equal(error.findDetails(detail("ResourceInfo")).length, 1);
    assert.equal(error.metadata.get("x-request-id").length, 36);
  },

  // This client reads streams as base64. xhr2 has the text of a response only at its end, unlike a browser.
  async google_client_decodes_text() {
    globalThis.XMLHttpRequest = XMLHttpRequest;
    const google = new grpcWeb.GrpcWebClientBase({ format: "text" });
    const { input, output } = OrderTracker.method.trackOrder;
    const path = "/orders.v1.OrderTracker/TrackOrder";
    const encode = (request) => toBinary(input, request);
    const decode = (bytes) => fromBinary(output, bytes);
    const method = new grpcWeb.MethodDescriptor(path, "server_streaming", Object, Object, encode, decode);
    const call = (orderId) =>
      new Promise((resolve) => {
        const received = [];
        let ended;
        const stream = google.serverStreaming(baseUrl + path, create(input, { orderId }), {}, method);
        stream.on("data", (order) => received.push([order.revision, order.place]));
        stream.on("error", () => {});
        stream.on("status", (status) => (ended = status));
        stream.on("end", () => resolve([received, ended.code, ended.details]));
      });
    let revision = 0;
    responses.set("/orders/A-1", () => {
      revision += 1;
      return { revision, stage: revision === 3 ? "delivered" : "shipped", place: "Zürich".repeat(revision) };
    });
    const received = [1, 2, 3].map((revision) => [BigInt(revision), "Zürich".repeat(revision)]);
    assert.deepEqual(await call("A-1"), [received, 0, ""]);
    assert.deepEqual(await call("B-1"), [[], 5, "order B-1 does not exist"]);
  },

  async crash_before_response_is_unavailable() {
    responses.set("/orders/A-1", killFunction);
    assert.equal((await failure(one(client.getOrder({ orderId: "A-1" })))).code, Code.Unavailable);
  },

  // The client does not take the end of the connection for the end of the call.
  async crash_mid_stream_is_an_error() {
    setOrder("A-1", 1, "packed");
    let received = 0;
    const error = await failure(client.trackOrder({ orderId: "A-1" }), () => {
      received += 1;
      killFunction();
    });
    assert.deepEqual([received, error.code], [1, Code.Unknown]);
  },
};

await checks[check]();
warehouse.closeAllConnections();
warehouse.close();
console.log("passed");
process.exit();
