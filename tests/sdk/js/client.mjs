// Calls the Lambda API of local mode with @aws-sdk/client-lambda.
//
//     client.mjs check SCRIPTED_URL JSON_DOCUMENT_URL DIRECTORY
//     client.mjs delays SCRIPTED_URL
//
// `check` exits with an error if a response is not the expected one. `delays` prints how long each of 10 chunks, written
// 100 ms apart, takes from the function to the caller.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  GetFunctionCommand,
  InvalidParameterValueException,
  InvalidRequestContentException,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  LambdaClient,
  RequestTooLargeException,
} from "@aws-sdk/client-lambda";

const ARN = "arn:aws:lambda:us-east-1:123456789012:function:my-function";
const VERSION = "$LATEST";

const connect = (endpoint) => new LambdaClient({ endpoint, maxAttempts: 1 });
const script = (...steps) => JSON.stringify({ steps });
const text = (bytes) => Buffer.from(bytes).toString();
const decodeBase64 = (base64) => Buffer.from(base64, "base64").toString();

// Returns the chunks, and the content of `InvokeComplete`.
async function stream(client, steps, parameters = {}, onChunk = () => {}) {
  const input = { FunctionName: "my-function", Payload: script(...steps), ...parameters };
  const response = await client.send(new InvokeWithResponseStreamCommand(input));
  assert.equal(response.StatusCode, 200);
  assert.equal(response.ExecutedVersion, VERSION);
  const chunks = [];
  let completion;
  for await (const event of response.EventStream) {
    assert.equal(completion, undefined, "a message after InvokeComplete");
    if (event.PayloadChunk) {
      chunks.push(text(event.PayloadChunk.Payload));
      onChunk(chunks.at(-1));
    } else {
      completion = event.InvokeComplete;
    }
  }
  return { chunks, completion };
}

// The function writes a chunk only after this script has created a file for the chunk before.
async function checkChunksArriveInStep(client, directory) {
  const numbers = [...Array(10).keys()].map(String);
  const file = (number) => join(directory, `js-${number}`);
  const steps = numbers.flatMap((number) => [{ write: number }, "flush", { await_file: file(number) }]);
  const { chunks, completion } = await stream(client, steps, {}, (chunk) => writeFileSync(file(chunk), ""));
  assert.deepEqual(chunks, numbers);
  assert.equal(completion.ErrorCode, undefined);
}

async function checkStreamErrors(client) {
  const steps = [{ print_error: "log line" }, { write: "one" }, "flush", { fail_typed: ["Function.Broken", "reason"] }];
  const { chunks, completion } = await stream(client, steps, { LogType: "Tail" });
  assert.deepEqual(chunks, ["one"]);
  assert.equal(completion.ErrorCode, "Unhandled");
  const details = JSON.parse(completion.ErrorDetails);
  assert.deepEqual([details.errorType, details.errorMessage], ["Function.Broken", "reason"]);
  assert.match(decodeBase64(completion.LogResult), /\nlog line\n/);
  const aborted = await stream(client, ["abort"]);
  assert.deepEqual([aborted.chunks, aborted.completion.ErrorCode], [[], "Runtime.ExitError"]);
}

async function checkInvoke(scripted, jsonDocument) {
  const buffered = await jsonDocument.send(
    new InvokeCommand({ FunctionName: ARN, Qualifier: "prod", Payload: '{"document":{"a":[1,"é"]}}' }),
  );
  assert.deepEqual([buffered.StatusCode, buffered.ExecutedVersion], [200, VERSION]);
  assert.deepEqual(JSON.parse(text(buffered.Payload)), { a: [1, "é"] });
  assert.equal(buffered.FunctionError, undefined);
  assert.equal(buffered.$metadata.requestId.length, 36);

  const failed = await scripted.send(
    new InvokeCommand({
      FunctionName: `${ARN}:7`,
      LogType: "Tail",
      ClientContext: Buffer.from('{"custom":{}}').toString("base64"),
      TenantId: "tenant",
      Payload: script({ print_error: "log line" }, { fail_typed: ["Function.Broken", "reason"] }),
    }),
  );
  assert.deepEqual([failed.StatusCode, failed.FunctionError], [200, "Unhandled"]);
  assert.equal(JSON.parse(text(failed.Payload)).errorMessage, "reason");
  assert.match(decodeBase64(failed.LogResult), /\nlog line\n[^]*\nREPORT RequestId: /);

  const event = new InvokeCommand({ FunctionName: "a", InvocationType: "Event", Payload: script({ write: "x" }) });
  assert.equal((await scripted.send(event)).StatusCode, 202);
  const dryRun = new InvokeCommand({ FunctionName: "a", InvocationType: "DryRun" });
  assert.equal((await scripted.send(dryRun)).StatusCode, 204);
}

async function checkExceptions(client) {
  const tooLarge = "0".repeat(6 * 2 ** 20 + 1);
  for (const [exception, command] of [
    [InvalidRequestContentException, new InvokeCommand({ FunctionName: "a", Payload: "{" })],
    [RequestTooLargeException, new InvokeCommand({ FunctionName: "a", Payload: tooLarge })],
    [InvalidParameterValueException, new InvokeWithResponseStreamCommand({ FunctionName: "a:1", Qualifier: "2" })],
  ]) {
    await assert.rejects(client.send(command), exception);
  }
  await assert.rejects(client.send(new GetFunctionCommand({ FunctionName: "a" })), {
    name: "UnknownOperationException",
    message: /InvokeWithResponseStream/,
  });
}

async function printDelays(client) {
  const steps = Array(10).fill(["write_time", { sleep_ms: 100 }]).flat();
  const delays = [];
  let unread = "";
  await stream(client, steps, {}, (chunk) => {
    const received = performance.timeOrigin + performance.now();
    const lines = (unread + chunk).split("\n");
    unread = lines.pop();
    delays.push(...lines.map((line) => received - Number(line)));
    console.log(`chunk ${String(delays.length).padStart(2)}: ${delays.at(-1).toFixed(2).padStart(6)} ms`);
  });
  const longest = Math.max(...delays).toFixed(2);
  console.log(`@aws-sdk/client-lambda: ${delays.length} chunks, longest delay ${longest} ms`);
}

const [command, url, jsonDocumentUrl, directory] = process.argv.slice(2);
const client = connect(url);
if (command === "delays") {
  await printDelays(client);
} else {
  await checkChunksArriveInStep(client, directory);
  await checkStreamErrors(client);
  await checkInvoke(client, connect(jsonDocumentUrl));
  await checkExceptions(client);
  console.log("passed");
}
