@0xb8f1c0de5ab10004;
# The methods of the fixture capsule, which does on request what real capsules shouldn't. For tests.

using Job = import "job.capnp";

struct FixtureMethod {
  const sum :UInt16 = 0;
  const misbehave :UInt16 = 1;
  const copy :UInt16 = 2;
}

# Adds the numbers from 0 up to, but not including, `pieces`, on as many threads as the job has; each piece is
# one unit, and takes `roundsPerPiece` rounds of arithmetic. The sum, a little-endian u64, goes into the output.
# Where `longestPauseMicroseconds` isn't 0, its threads sleep here and there, between a piece's steps and before the
# end, up to so long: where and how long, `pauseSeed` says.
struct SumParams {
  pieces @0 :UInt64;
  roundsPerPiece @1 :UInt32;
  pauseSeed @2 :UInt32;
  longestPauseMicroseconds @3 :UInt32;
}

enum Misdeed {
  none @0;
  panic @1;                    # with a message that says so
  trap @2;                     # executes `unreachable`
  overflowStack @3;            # recurses for ever, in frames of some bytes
  exhaustMemory @4;
  fail @5;                     # ends with an error of its own, number 256
  neverPoll @6;                # spins without looking at anything
  overflowResult @7;           # writes more output than there is room for
  scribble @8;                 # fills the whole memory with the lowest byte of its seed
  overflowWide @9;             # recurses for ever, in frames of 10 KiB
  overflowAtOnce @10;          # calls a function that has a frame of 4 MiB
  deepStack @11;               # recurses until most of the stack is used, which is right
  ruin @12;                    # scribbles and traps
}

struct MisbehaveParams { misdeed @0 :Misdeed; }

# Copies a region into another one, reversed: an input and an output that are both the caller's.
struct CopyParams {
  source @0 :Job.Region;
  target @1 :Job.Region;
}
