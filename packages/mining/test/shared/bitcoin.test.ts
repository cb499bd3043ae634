/** Block headers and their arithmetic: Bitcoin's own blocks, the reference client's cases, any bytes. */
import {
  bitsOfTarget,
  blockHash,
  difficultyOfTarget,
  headerSearch,
  HEADER_ERROR_CODES,
  MAXIMUM_TARGET,
  parseHeader,
  retarget,
  serializeHeader,
  targetOfBits,
  targetOfBlockDifficulty,
  verifyChain,
  verifyHeader,
  workOfTarget,
} from '@inos/mining/bitcoin';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import vectors from '../../../../vectors/mining/blocks.json';
import { bytesOf, hexOf } from './vectors.js';

const genesis = vectors.blocks[0];
if (genesis === undefined) throw new Error('the vectors have lost block 0');
const header = bytesOf(genesis.header);

describe.each(vectors.blocks)('block $height', (block) => {
  const { version, previousHash, merkleRoot, time, bits, nonce, hash } = block;
  const fields = { version, previousHash, merkleRoot, time, bits, nonce };

  it('is read and written', () => {
    expect(parseHeader(bytesOf(block.header))).toEqual(fields);
    expect(hexOf(serializeHeader(fields))).toBe(block.header);
  });

  it('is read from a Buffer, which stays as it is', () => {
    const own = bytesOf(block.header);
    // As Buffer does: what `slice` gives shares the memory.
    class Sharing extends Uint8Array {
      override slice(...range: [number?, number?]): Uint8Array<ArrayBuffer> {
        return this.subarray(...range);
      }
    }
    const shared = new Sharing(own);
    expect(parseHeader(shared)).toEqual(fields);
    expect(blockHash(shared)).toBe(hash);
    expect(verifyHeader(shared).hash).toBe(hash);
    expect(headerSearch(shared).header).not.toBe(shared);
    headerSearch(shared).header.fill(0);
    expect(hexOf(shared)).toBe(block.header);
  });

  it('is proven by its hash', () => {
    expect(blockHash(fields)).toBe(hash);
    expect(verifyHeader(bytesOf(block.header))).toEqual({
      header: fields,
      hash,
      target: BigInt(`0x${block.target}`),
      work: BigInt(block.work),
    });
  });

  it('with any bit changed, isn’t', () => {
    // Bits of the target aside: an easier one could be met.
    for (let bit = 0; bit < 80 * 8; bit += 7) {
      if (bit >= 72 * 8 && bit < 76 * 8) continue;
      const bytes = bytesOf(block.header);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => verifyHeader(bytes)).toThrow(
        expect.objectContaining({ code: 'mining/block-unproven' }),
      );
    }
  });
});

describe('targets', () => {
  it.each(vectors.bits)('bits $bits', ({ bits, target, canonical = bits }) => {
    expect(targetOfBits(bits)).toBe(BigInt(`0x${target}`));
    expect(bitsOfTarget(targetOfBits(bits))).toBe(canonical);
  });

  it.each(vectors.impossible)('refuses bits $bits: $why', ({ bits, why }) => {
    expect(() => targetOfBits(bits)).toThrow(
      expect.objectContaining({
        code: 'mining/bits-impossible',
        message: expect.stringContaining(why),
      }),
    );
  });

  it('any bits stand for a target, or are refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (bits) => {
        try {
          const target = targetOfBits(bits);
          expect(target > 0n && target < 1n << 256n).toBe(true);
          expect(targetOfBits(bitsOfTarget(target))).toBe(target);
        } catch (error) {
          expect(error).toMatchObject({ code: 'mining/bits-impossible' });
        }
      }),
    );
  });

  it('bits of any target stand for the highest one at or below it', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: (1n << 256n) - 1n }), (target) => {
        const bits = bitsOfTarget(target);
        const written = targetOfBits(bits);
        expect(written <= target).toBe(true);
        const mantissaStep = 1n << BigInt(8 * Math.max(Math.floor(bits / 0x1000000) - 3, 0));
        expect(written + mantissaStep > target).toBe(true);
      }),
    );
  });

  it('difficulties are those that Bitcoin shows', () => {
    const of = (bits: number) => difficultyOfTarget(targetOfBits(bits));
    expect(of(0x1d00ffff)).toBe(1);
    expect(of(0x1b0404cb)).toBeCloseTo(16307.420938523983, 9);
    expect(of(0x1a44b9f2)).toBeCloseTo(244112.48777433, 7);
    expect(of(0x207fffff)).toBeCloseTo(4.6565423739069247e-10, 24);
  });

  it('a difficulty’s target is the highest of that difficulty', () => {
    expect(targetOfBlockDifficulty(1)).toBe(MAXIMUM_TARGET);
    expect(targetOfBlockDifficulty(0.5)).toBe(MAXIMUM_TARGET * 2n);
    expect(targetOfBlockDifficulty(Number.MIN_VALUE)).toBe((1n << 256n) - 1n);
    expect(targetOfBlockDifficulty(Number.MAX_VALUE)).toBe(1n);
    fc.assert(
      fc.property(fc.double({ min: 2 ** -30, max: 2 ** 100, noNaN: true }), (difficulty) => {
        const back = difficultyOfTarget(targetOfBlockDifficulty(difficulty));
        expect(Math.abs(back / difficulty - 1)).toBeLessThan(2 ** -40);
      }),
    );
  });

  it.each(vectors.retargets)('$what', ({ bits, firstTime, lastTime, next }) => {
    expect(retarget(bits, firstTime, lastTime)).toBe(next);
  });

  it('work is how many hashes it takes', () => {
    expect(workOfTarget(MAXIMUM_TARGET)).toBe(0x100010001n);
    expect(workOfTarget((1n << 256n) - 1n)).toBe(1n);
    expect(workOfTarget(1n)).toBe(1n << 255n);
  });
});

describe('chains', () => {
  const chain = vectors.blocks.slice(0, 3).map((block) => bytesOf(block.header));

  it('add their work up', () => {
    const { last, work } = verifyChain(chain);
    expect(last?.hash).toBe(vectors.blocks[2]?.hash);
    expect(work).toBe(0x300030003n);
    expect(verifyChain([])).toEqual({ last: undefined, work: 0n });
  });

  it('break where a block doesn’t follow the one before', () => {
    const [first, , third] = chain;
    if (first === undefined || third === undefined) throw new Error('three blocks');
    expect(() => verifyChain([first, third])).toThrow(
      expect.objectContaining({ code: 'mining/block-unlinked' }),
    );
    const easy = serializeHeader({ ...parseHeader(header), bits: 0x207fffff });
    expect(() => verifyHeader(easy)).toThrow('above the highest');
    expect(() => verifyChain([easy])).toThrow('above the highest');
    const maximumTarget = targetOfBits(0x207fffff);
    const proven = Array.from({ length: 64 }, (_, nonce) => ({ ...parseHeader(easy), nonce }));
    const found = proven.find((fields) => BigInt(`0x${blockHash(fields)}`) <= maximumTarget);
    if (found === undefined) throw new Error('one of two is below the target');
    expect(verifyHeader(found, { maximumTarget }).work).toBe(2n);
    expect(verifyChain([found], { maximumTarget }).work).toBe(2n);
    expect(() => verifyHeader(header, { bits: 0x1d00fffe })).toThrow(
      expect.objectContaining({ code: 'mining/block-unlinked' }),
    );
  });

  it('pass by no options that make no sense', () => {
    for (const [options, message] of [
      [{ previousHash: 7 }, 'previousHash must be 64 hexadecimal digits'],
      [{ maximumTarget: NaN }, 'maximumTarget must be a bigint'],
      [{ previoushash: '00'.repeat(32) }, 'options.previoushash must be one of the known names'],
      [null, 'options must be an object'],
    ] as const) {
      expect(() => verifyHeader(header, options as never)).toThrow(message);
    }
    expect(() => verifyHeader(undefined as never)).toThrow('header must be an object');
  });
});

describe('headers', () => {
  it('any 80 bytes are a header, and come back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 80, maxLength: 80 }), (bytes) => {
        expect(serializeHeader(parseHeader(bytes))).toEqual(bytes);
      }),
    );
  });

  it('any other length is refused, and any bytes verify or say why not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          verifyHeader(bytes);
        } catch (error) {
          const { code } = error as { code: string };
          expect(HEADER_ERROR_CODES).toContain(code);
          if (bytes.length !== 80) expect(code).toBe('mining/header-malformed');
        }
      }),
    );
  });

  it('are searched with what their fields say', () => {
    const search = headerSearch(header);
    expect(search).toEqual({
      header,
      target: bytesOf(genesis.target),
      nonceOffset: 76,
      algorithm: 'sha256d',
    });
    expect(hexOf(headerSearch(header, 0x1234n).target)).toBe('1234'.padStart(64, '0'));
    expect(() => headerSearch(header, 0n)).toThrow('target must be from 1');
  });

  it.each([
    [{ version: 2 ** 31 }, 'version must be'],
    [{ previousHash: 'ff' }, 'previousHash must be 64 hexadecimal digits'],
    [{ merkleRoot: 7 }, 'merkleRoot must be 64 hexadecimal digits'],
    [{ time: -1 }, 'time must be'],
    [{ bits: 2 ** 32 }, 'bits must be'],
    [{ nonce: 0.5 }, 'nonce must be'],
  ])('refuse %o', (wrong, message) => {
    expect(() => serializeHeader({ ...parseHeader(header), ...wrong } as never)).toThrow(message);
    expect(() => parseHeader('text' as never)).toThrow('bytes must be a Uint8Array');
  });

  it.each([
    [() => targetOfBits(-1), 'bits must be'],
    [() => bitsOfTarget(0n), 'target must be'],
    [() => bitsOfTarget(1n << 256n), 'target must be'],
    [() => bitsOfTarget(5 as never), 'target must be a bigint'],
    [() => targetOfBlockDifficulty(0), 'difficulty must be'],
    [() => targetOfBlockDifficulty(Infinity), 'difficulty must be'],
    [() => targetOfBlockDifficulty('1' as never), 'difficulty must be a number'],
    [() => retarget(0x1d00ffff, 0, -1), 'lastTime must be'],
  ])('%s', (call, message) => {
    expect(call).toThrow(message);
  });
});
