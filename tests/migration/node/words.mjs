// Words, as they are produced, in an HTTP response with a status, headers and a cookie.

import { setTimeout } from 'node:timers/promises';

class UpstreamGone extends Error {
  name = 'UpstreamGone';
}

export const handler = awslambda.streamifyResponse(async (event, responseStream, context) => {
  const { text } = JSON.parse(Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8'));
  responseStream = awslambda.HttpResponseStream.from(responseStream, {
    statusCode: 201,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-request-id': context.awsRequestId },
    cookies: ['seen=1; Path=/; HttpOnly'],
  });
  for (const word of text.split(' ')) {
    if (word === 'fail') {
      throw new UpstreamGone('the upstream hung up');
    }
    responseStream.write(`${word}\n`);
    await setTimeout(50);
  }
  responseStream.end();
});
