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
  const nonceBytes :UInt32 = 4;
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

struct SearchParams {
  algorithm @0 :HashAlgorithm;
  header @1 :Data;             # 1 to 1024 bytes
  nonceOffset @2 :UInt32;      # where the little-endian 32-bit nonce lies in the header
  target @3 :Data;             # 32 bytes, big-endian: a hash qualifies when it is at or below it
  firstNonce @4 :UInt32;
  lastNonce @5 :UInt32;        # inclusive
  digestOrder @6 :DigestOrder;
}

# The winning digest, 32 bytes, goes into the job's output.
struct SearchResult {
  found @0 :Bool;
  nonce @1 :UInt32;            # the lowest qualifying one
}

struct HasherOpenParams { algorithm @0 :HashAlgorithm; }
struct HasherOpenResult { hasher @0 :UInt32; }
struct HasherUpdateParams { hasher @0 :UInt32; input @1 :Job.Region; }
# The digest, 32 bytes, goes into the job's output.
struct HasherFinishParams { hasher @0 :UInt32; }
struct HasherCloseParams { hasher @0 :UInt32; }
