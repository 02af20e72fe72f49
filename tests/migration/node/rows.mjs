// Rows of CSV from a generator, with backpressure and a content type.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

async function* rows(count) {
  yield 'id,square\n';
  for (let id = 1; id <= count; id++) {
    if (id > 1000) {
      throw new RangeError('more than 1000 rows');
    }
    yield `${id},${id * id}\n`;
  }
}

export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  responseStream.setContentType('text/csv');
  await pipeline(Readable.from(rows(event.count)), responseStream);
});
