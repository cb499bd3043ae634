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
}

struct MiningLimits {
  const digestBytes :UInt32 = 32;
  const targetBytes :UInt32 = 32;
  const maximumHeaderBytes :UInt32 = 1024;
}

enum HashAlgorithm {
  sha256 @0;
  sha256d @1;                  # SHA-256 of the SHA-256, as Bitcoin's headers use
  blake3 @2;
}

# The digest, 32 bytes, goes into the job's output.
struct HashParams {
  algorithm @0 :HashAlgorithm;
  input @1 :Job.Region;
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
}

# The winning digest, 32 bytes, goes into the job's output.
struct SearchResult {
  found @0 :Bool;
  nonce @1 :UInt64;
}

struct HasherOpenParams { algorithm @0 :HashAlgorithm; }
struct HasherOpenResult { hasher @0 :UInt32; }
struct HasherUpdateParams { hasher @0 :UInt32; input @1 :Job.Region; }
# The digest, 32 bytes, goes into the job's output.
struct HasherFinishParams { hasher @0 :UInt32; }
struct HasherCloseParams { hasher @0 :UInt32; }
