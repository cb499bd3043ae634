@0xb8f1c0de5ab10003;
# The methods of the mining capsule.

using Job = import "job.capnp";

struct MiningMethod {
  const hash :UInt16 = 0;
  const search :UInt16 = 1;
  const hasherOpen :UInt16 = 2;
  const hasherUpdate :UInt16 = 3;
  const hasherFinish :UInt16 = 4;
  const hasherClose :UInt16 = 5;
  const hashMany :UInt16 = 6;
  const blake3 :UInt16 = 7;
  const hasherUpdateTree :UInt16 = 8;
  const hasherExtend :UInt16 = 9;
  const encodeOutboard :UInt16 = 10;
  const extractSlice :UInt16 = 11;
  const verifySlice :UInt16 = 12;
  const encodeSubtree :UInt16 = 13;
  const joinSubtrees :UInt16 = 14;
}

struct MiningLimits {
  const digestBytes :UInt32 = 32;
  const longestDigestBytes :UInt32 = 64;
  const keyBytes :UInt32 = 32;
  const subtreeBytes :UInt32 = 262144;  # what one thread hashes at once of a large BLAKE3 input
  const targetBytes :UInt32 = 32;
  const maximumHeaderBytes :UInt32 = 1024;
}

enum HashAlgorithm {
  sha256 @0;
  sha256d @1;                  # SHA-256 of the SHA-256, as Bitcoin's headers use
  blake3 @2;
  sha512 @3;                   # not for searches
}

# BLAKE3's three modes.
enum Blake3Mode {
  hash @0;
  keyed @1;
  deriveKey @2;
}

# The digest, 32 or 64 bytes, goes into the job's output.
struct HashParams {
  algorithm @0 :HashAlgorithm;
  input @1 :Job.Region;
  scratch @2 :Job.Region;      # BLAKE3 by several threads: 32 bytes for each subtree of the input; otherwise empty
}

# How a digest is read as a number to compare with the target: Bitcoin reads sha256d's as little-endian.
enum DigestOrder {
  bigEndian @0;
  littleEndian @1;
}

# How a nonce is written. The binary ones overwrite the header's bytes at nonceOffset; the decimal digits, as
# few as the number has, go in between the bytes before and after it, so that the message's length varies.
enum NonceFormat {
  uint32LittleEndian @0;
  uint32BigEndian @1;
  uint64LittleEndian @2;
  uint64BigEndian @3;
  decimal @4;
}

enum SearchMode {
  first @0;                    # the lowest qualifying nonce
  any @1;                      # the one that is found first
}

# A digest qualifies when, as a number, it is at least `lowest` and at most `target`. So a prefix is a range too.
struct SearchParams {
  algorithm @0 :HashAlgorithm;
  header @1 :Data;             # at most 1024 bytes
  nonceOffset @2 :UInt32;      # where in the header the nonce lies
  target @3 :Data;             # 32 bytes, most significant first
  firstNonce @4 :UInt64;
  lastNonce @5 :UInt64;        # inclusive
  digestOrder @6 :DigestOrder;
  nonceFormat @7 :NonceFormat;
  mode @8 :SearchMode;
  lowest @9 :Data;             # 32 bytes as target's, or none: 0
  laneBoard @10 :Job.Region;   # where a lane takes part or threads are held back: a LaneBoard; or none
  onCpu @11 :Bool = true;      # whether the capsule's threads search too, or only serve that lane
}

# Where a search and a lane outside of the capsule meet: 64-bit words in shared memory. The lane asks for slices
# of the range and answers for them; the capsule's threads draw and charge them. The host says there how many nonces
# the threads may try by now, where they may work for a part of the time only.
struct LaneBoard {
  const state :UInt32 = 0;     # a LaneState
  const signal :UInt32 = 1;    # grows when the lane has said something
  const answer :UInt32 = 2;    # grows when the capsule has
  const hashes :UInt32 = 3;    # how many nonces the lane has been given to try
  const slots :UInt32 = 4;     # the first of the slots
  const slotCount :UInt32 = 2; # one slice is tried while the next waits
  const slotWords :UInt32 = 4;
  const reasonLength :UInt32 = 12;  # in bytes: why the lane is absent
  const reason :UInt32 = 13;
  const reasonBytes :UInt32 = 256;
  const allowed :UInt32 = 45;  # how many nonces the threads may have taken by now; all ones: any number
  const taken :UInt32 = 46;    # how many they have
  const asked :UInt32 = 47;    # above `allowed` when they have taken all and want more
  const words :UInt32 = 48;
}

# The words of a slot.
struct SlotWord {
  const state :UInt32 = 0;     # a SlotState
  const count :UInt32 = 1;     # nonces: wanted, then granted
  const first :UInt32 = 2;     # the slice's first nonce
  const found :UInt32 = 3;     # how many nonces lie before the lowest that qualifies; the count, if none does
}

enum LaneState {
  starting @0;
  ready @1;
  absent @2;                   # it can't, or can no more
}

enum SlotState {
  free @0;
  wanted @1;                   # the lane wants a slice
  granted @2;                  # it has one, which the capsule may still take back
  submitted @3;                # it tries one: all its nonces count as tried
  tried @4;
  failed @5;                   # it could not try the slice
  over @6;                     # there is none left
  held @7;                     # a thread of the capsule is about to answer
}

# The winning digest, 32 bytes, goes into the job's output.
struct SearchResult {
  found @0 :Bool;
  nonce @1 :UInt64;
}

# Digests go one after another into `output`. Messages lie one after another in `input`: all of them
# `messageBytes` long, or ending where `ends` says, 32-bit offsets from the input's start.
struct HashManyParams {
  algorithm @0 :HashAlgorithm;
  input @1 :Job.Region;
  count @2 :UInt32;
  messageBytes @3 :UInt32;
  ends @4 :Job.Region;         # empty: all are messageBytes long
  output @5 :Job.Region;
}

struct Blake3Options {
  mode @0 :Blake3Mode;
  key @1 :Data;                # keyed: 32 bytes
  context @2 :Text;            # deriveKey
}

# Fills `output` with BLAKE3's output from a position of it on.
struct Blake3Params {
  options @0 :Blake3Options;
  input @1 :Job.Region;
  position @2 :UInt64;
  output @3 :Job.Region;
  scratch @4 :Job.Region;      # as HashParams'
}

struct HasherOpenParams {
  algorithm @0 :HashAlgorithm;
  options @1 :Blake3Options;   # for blake3 only
}
struct HasherOpenResult { hasher @0 :UInt32; }
struct HasherUpdateParams { hasher @0 :UInt32; input @1 :Job.Region; }
# As HasherUpdateParams, for BLAKE3, by several threads: `scratch` has 32 bytes for each subtree of the input.
struct HasherUpdateTreeParams {
  hasher @0 :UInt32;
  input @1 :Job.Region;
  scratch @2 :Job.Region;
}

# The digest, 32 or 64 bytes, goes into the job's output.
struct HasherFinishParams { hasher @0 :UInt32; }

# Ends the hasher and fills `output` with BLAKE3's output from a position of it on.
struct HasherExtendParams {
  hasher @0 :UInt32;
  position @1 :UInt64;
  output @2 :Job.Region;
}

struct HasherCloseParams { hasher @0 :UInt32; }

# BLAKE3 verified streaming, in the format of the crate bao. The digest, 32 bytes, goes into the job's output.
struct EncodeOutboardParams {
  input @0 :Job.Region;
  outboard @1 :Job.Region;     # 8 bytes, and 64 for each started 1,024 of the input but the first
}

# Writes what proves `length` bytes of the input from `start` on.
struct ExtractSliceParams {
  input @0 :Job.Region;
  outboard @1 :Job.Region;
  start @2 :UInt64;
  length @3 :UInt64;
  slice @4 :Job.Region;
  inputStart @5 :UInt64;       # where in the data the input lies, which is at least all chunks that the slice is about
}

# A part of an outboard: the nodes of one subtree of the data go into `outboard`, what it hashes to into the job's
# output, 32 bytes. The input is at most MiningLimits.subtreeBytes long; only the last subtree may be shorter.
struct EncodeSubtreeParams {
  input @0 :Job.Region;
  number @1 :UInt64;           # how many subtrees lie before it
  outboard @2 :Job.Region;
}

# Completes an outboard that has the nodes of its subtrees, two or more. The digest goes into the job's output.
struct JoinSubtreesParams {
  values @0 :Job.Region;       # what the subtrees hash to, 32 bytes each
  bytes @1 :UInt64;            # how long the data is
  outboard @2 :Job.Region;
}
struct SliceResult { bytes @0 :UInt32; }   # how many were written

# Writes the bytes that a slice proves to be part of what has the digest.
struct VerifySliceParams {
  slice @0 :Job.Region;
  digest @1 :Data;             # 32 bytes
  start @2 :UInt64;
  length @3 :UInt64;
  output @4 :Job.Region;
}
