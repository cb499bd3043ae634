@0xd3a1f0c2b4e59681;
using Job = import "job.capnp";

struct Method {
  const count :UInt16 = 0;
}

struct CountParams {
  points @0 :Job.Region;      # float64 x and y of each point
  distance @1 :Float64;       # pairs at most so far apart are close
}
