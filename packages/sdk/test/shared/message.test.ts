/** Result messages: bytes that a capsule left, which may be any. */
import { readResult } from '@inos/sdk';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Job } from '../../src/generated/job.js';
import { FRAMING_BYTES, RequestTemplate } from '../../src/kernel/message.js';

/** A message of one segment, with its framing. */
function message(seed: bigint): Uint8Array<ArrayBuffer> {
  const request = new RequestTemplate(7, Job, false);
  request.begin(seed);
  const bytes = new Uint8Array(request.byteLength);
  request.writeTo(bytes, 0);
  return bytes;
}

describe('a result', () => {
  test('is read from its segment', () => {
    const { method, seed } = readResult(message(2n ** 63n + 5n), Job);
    expect([method, seed]).toEqual([7, 2n ** 63n + 5n]);
  });

  test('that claims four billion segments costs no more than another', () => {
    const bytes = message(5n);
    bytes.fill(0xff, 0, FRAMING_BYTES);
    expect(readResult(bytes, Job).seed).toBe(5n);
  });

  test('that is cut short is refused', () => {
    const bytes = message(5n);
    for (let length = 0; length < FRAMING_BYTES + 8; length++) {
      const bad = expect.objectContaining({ code: 'protocol/bad-result' }) as Error;
      expect(() => readResult(bytes.slice(0, length), Job), `${length} bytes`).toThrow(bad);
    }
  });

  test('of any bytes gives its fields or an error', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), (bytes) => {
      try {
        const { method, seed } = readResult(bytes.slice(), Job);
        expect([typeof method, typeof seed]).toEqual(['number', 'bigint']);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    });
    fc.assert(property, { numRuns: 3000 });
  });
});
