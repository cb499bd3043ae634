/**
 * `@inos/mining/bitcoin`: block headers and the arithmetic of their targets, in plain JavaScript.
 */
export {
  bitsOfTarget,
  difficultyOfTarget,
  MAXIMUM_TARGET,
  RETARGET_BLOCKS,
  RETARGET_SECONDS,
  retarget,
  targetOfBits,
  targetOfBlockDifficulty,
  workOfTarget,
} from './bits.js';
export { HEADER_ERROR_CODES, type HeaderErrorCode } from './errors.js';
export {
  blockHash,
  HEADER_BYTES,
  headerSearch,
  NONCE_OFFSET,
  parseHeader,
  serializeHeader,
  verifyChain,
  verifyHeader,
  type BlockHeader,
  type VerifiedHeader,
  type VerifyChainOptions,
  type VerifyHeaderOptions,
} from './header.js';
