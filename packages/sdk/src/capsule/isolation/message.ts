/**
 * Where a region's offset stands in an encoded request: for capsules whose memory isn't the one that the request was
 * encoded over.
 */
import { utils } from 'capnp-es';
import type { Region } from '../../generated/job.js';
import { FRAMING_BYTES } from '../../kernel/message.js';

/** The byte of the encoded request, framing included, at which the region's offset begins: a u32, little-endian. */
export function offsetPosition(region: Region): number {
  return FRAMING_BYTES + utils.getDataSection(region).byteOffset;
}
