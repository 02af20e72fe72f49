// A redirect, which has no body.

export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  responseStream = awslambda.HttpResponseStream.from(responseStream, {
    statusCode: 302,
    headers: { location: `https://example.com${event.rawPath}` },
  });
  responseStream.write('');
  responseStream.end();
});
