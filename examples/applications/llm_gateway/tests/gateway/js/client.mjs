// Calls the gateway with the openai package, and prints a line of JSON for each result when it arrives.
//
//     client.mjs URL TOKEN models
//     client.mjs URL TOKEN '{"model": …}'

import OpenAI, { OpenAIError } from "openai";

const report = (name, value) => process.stdout.write(JSON.stringify({ [name]: value }) + "\n");

async function run(url, token, argument) {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: token, maxRetries: 0 });
  if (argument === "models") {
    const models = [];
    for await (const model of client.models.list()) models.push(model.id);
    report("models", models);
    return;
  }
  const request = JSON.parse(argument);
  const response = await client.chat.completions.create(request);
  if (!request.stream) {
    report("completion", response);
    return;
  }
  report("started", true);
  for await (const chunk of response) report("chunk", chunk);
  report("end", true);
}

try {
  await run(...process.argv.slice(2));
} catch (error) {
  if (!(error instanceof OpenAIError)) throw error;
  report("exception", {
    name: error.constructor.name,
    status: error.status ?? null,
    code: error.code ?? null,
    message: error.message,
    retry_after: error.headers?.get("retry-after") ?? null,
  });
}
