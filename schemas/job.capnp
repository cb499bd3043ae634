@0xb8f1c0de5ab10002;
# What travels to a capsule: an envelope of control, never bulk data.


enum ElementType {
  uint8 @0;
  int8 @1;
  uint16 @2;
  int16 @3;
  uint32 @4;
  int32 @5;
  float32 @6;
  float64 @7;
  uint64 @8;
  int64 @9;
}

# Bulk data stays where it is: a region names a range of the shared memory.
struct Region {
  offset @0 :UInt32;
  byteLength @1 :UInt32;
  elementType @2 :ElementType;
  shape @3 :List(UInt32);      # empty: one dimension, byteLength / element size
}

struct Job {
  id @0 :UInt64;
  method @1 :UInt16;
  seed @2 :UInt64;             # the only randomness a job may use
  params @3 :AnyPointer;       # the method's own struct
}
