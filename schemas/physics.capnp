@0xb8f1c0de5ab10005;
# The methods of the physics capsule, and what lies in the shared memory between it and its host: worlds, poses
# and streams of commands. Offsets and sizes ending in Word are u32 words; f32 values take a word each.

using Job = import "job.capnp";

struct PhysicsMethod {
  const createWorld :UInt16 = 0;
  const step :UInt16 = 1;
  const digest :UInt16 = 2;
  const save :UInt16 = 3;
  const restore :UInt16 = 4;
  const createShape :UInt16 = 5;
  const query :UInt16 = 6;
}

struct PhysicsLimits {
  const digestBytes :UInt32 = 32;
  const maximumBodies :UInt32 = 1048576;         # per world: the most that `capacity` may be
  const none :UInt32 = 0xffffffff;               # in place of a slot: no body
}

# A world: these words, then its heap's state, at the start of its first extent. Everything the world allocates
# lies in its extents, which are runs of the arena's pages, so that it outlives the capsule and is saved by copying.
struct WorldWords {
  const magic :UInt32 = 0;
  const busy :UInt32 = 1;                        # 1 while a job works on it: still 1 after one that crashed
  const extents :UInt32 = 2;                     # how many there are
  const quotaBytes :UInt32 = 3;                  # the most that they may take together
  const root :UInt32 = 4;                        # address of the world itself, inside an extent
  const posesOffset :UInt32 = 5;
  const eventsOffset :UInt32 = 6;                # 0: none
  const table :UInt32 = 16;                      # per extent: offset, bytes, bytes in use
  const tableStrideWords :UInt32 = 4;
  const maximumExtents :UInt32 = 32;
  const heapOffset :UInt32 = 1024;               # bytes from the world's start
  const dataOffset :UInt32 = 65536;              # bytes from the world's start: what is allocated begins here
  const magicValue :UInt32 = 0x4c524f57;         # "WORL"
}

# The pace of a world that steps by itself. The host, which has a clock, says where that stands, bumps `signal` and
# wakes who waits there; the capsule only counts what it waits. Times are microseconds, steps the low words of theirs.
struct PaceWords {
  const signal :UInt32 = 0;                      # bumped after each change of the others
  const leave :UInt32 = 1;                       # 1: take no more steps
  const period :UInt32 = 2;                      # from one step to the next
  const due :UInt32 = 3;                         # the latest step that is due by the host's clock
  const until :UInt32 = 4;                       # time until the one after it, when `signal` was bumped
  const limit :UInt32 = 5;                       # the last step to take
  const begun :UInt32 = 6;                       # the capsule's: the last step that it has begun; then it looks at `limit`
  const count :UInt32 = 8;
}

# A saved world: these words, then the ranges of its extents that hold something, each its offset and its length in
# bytes, then their bytes, one range after another.
struct SavedWords {
  const magic :UInt32 = 0;
  const world :UInt32 = 1;                       # offset of the world that was saved
  const extents :UInt32 = 2;
  const byteLength :UInt32 = 3;
  const ranges :UInt32 = 4;                      # how many there are
  const used :UInt32 = 16;                       # per extent
  const headBytes :UInt32 = 256;
  const rangeBytes :UInt32 = 8;
  const magicValue :UInt32 = 0x45564153;         # "SAVE"
}

# What anybody may read of a world without asking: poses, velocities and whether bodies sleep. Each frame is whole;
# the capsule fills one that isn't the latest and then names it so. A frame's sequence is odd while it is filled.
struct PosesWords {
  const magic :UInt32 = 0;
  const capacity :UInt32 = 1;                    # bodies per frame
  const latest :UInt32 = 2;                      # index of the latest whole frame
  const frames :UInt32 = 3;                      # how many frames there are: frameCount
  const frameCount :UInt32 = 3;
  const frameBytes :UInt32 = 4;
  const frameTable :UInt32 = 16;                 # per frame: sequence, step u64, slots in use
  const frameStrideWords :UInt32 = 8;
  const frameSequence :UInt32 = 0;
  const frameSlots :UInt32 = 1;
  const frameStep :UInt32 = 2;
  const headBytes :UInt32 = 256;
  const magicValue :UInt32 = 0x45534f50;         # "POSE"
  # Within a frame, per body: translation 3, rotation 4 (x, y, z, w), linear and angular velocity 3 each, all f32;
  # then one state byte each, see BodyState. Arrays follow one another in this order.
  const translationWords :UInt32 = 3;
  const rotationWords :UInt32 = 4;
  const velocityWords :UInt32 = 3;
}

struct BodyState {
  const absent :UInt32 = 0;
  const awake :UInt32 = 1;
  const sleeping :UInt32 = 2;
  const disabled :UInt32 = 3;
}

# A stream of commands: these words, then the commands.
struct CommandWords {
  const taken :UInt32 = 0;                       # the capsule's: 1 when it has taken them, whatever came of it
  const words :UInt32 = 1;                       # how many words of commands follow
  const head :UInt32 = 2;
}

# Commands: a word with the opcode in its low byte and its length in words (itself included) above, then operands.
# A handle is two words: slot and generation. The host chooses slots; generations tell a slot's lives apart.
struct Command {
  const createBody :UInt32 = 1;                  # see BodyOperand
  const removeBody :UInt32 = 2;                  # handle
  const createCollider :UInt32 = 3;              # see ColliderOperand
  const removeCollider :UInt32 = 4;              # handle, wake
  const setBody :UInt32 = 5;                     # handle, BodyProperty | wake << 8, values
  const setCollider :UInt32 = 6;                 # handle, ColliderProperty, values
  const createJoint :UInt32 = 7;                 # see JointOperand
  const removeJoint :UInt32 = 8;                 # handle, wake
  const setJoint :UInt32 = 9;                    # handle, JointProperty | axis << 8, values
  const removeShape :UInt32 = 10;                # handle
  const setWorld :UInt32 = 11;                   # WorldProperty, values
}

struct BodyOperand {
  # Words after the opcode.
  const slot :UInt32 = 0;
  const generation :UInt32 = 1;
  const kind :UInt32 = 2;                        # see BodyKind
  const flags :UInt32 = 3;                       # see BodyFlag
  const position :UInt32 = 4;
  const rotation :UInt32 = 7;
  const linearVelocity :UInt32 = 11;
  const angularVelocity :UInt32 = 14;
  const linearDamping :UInt32 = 17;
  const angularDamping :UInt32 = 18;
  const gravityScale :UInt32 = 19;
  const softCcdPrediction :UInt32 = 20;
  const additionalMass :UInt32 = 21;
  const dominance :UInt32 = 22;                  # i8
  const solverIterations :UInt32 = 23;           # besides the world's
  const count :UInt32 = 24;
}

struct BodyKind {
  const dynamic :UInt32 = 0;
  const fixed :UInt32 = 1;
  const kinematicPosition :UInt32 = 2;
  const kinematicVelocity :UInt32 = 3;
}

struct BodyFlag {
  const enabled :UInt32 = 1;
  const canSleep :UInt32 = 2;
  const sleeping :UInt32 = 4;
  const ccd :UInt32 = 8;
  const gyroscopic :UInt32 = 16;
  const lockedAxesShift :UInt32 = 8;             # six bits: translations x y z, rotations x y z
}

struct ColliderOperand {
  const slot :UInt32 = 0;
  const generation :UInt32 = 1;
  const body :UInt32 = 2;                        # handle, or none
  const shape :UInt32 = 4;                       # see ShapeKind
  const size :UInt32 = 5;                        # what the shape is given by, 10 words
  const flags :UInt32 = 15;                      # see ColliderFlag
  const position :UInt32 = 16;
  const rotation :UInt32 = 19;
  const mass :UInt32 = 23;                       # a density or a mass, see ColliderFlag
  const friction :UInt32 = 24;
  const restitution :UInt32 = 25;
  const combineRules :UInt32 = 26;               # friction | restitution << 8
  const collisionGroups :UInt32 = 27;            # memberships << 16 | filter
  const solverGroups :UInt32 = 28;
  const activeEvents :UInt32 = 29;
  const activeCollisionTypes :UInt32 = 30;
  const contactForceThreshold :UInt32 = 31;
  const contactSkin :UInt32 = 32;
  const count :UInt32 = 33;
}

struct ColliderFlag {
  const enabled :UInt32 = 1;
  const sensor :UInt32 = 2;
  const massGiven :UInt32 = 4;                   # `mass` is a mass; otherwise a density
}

# What `size` holds, in this order.
struct ShapeKind {
  const ball :UInt32 = 0;                        # radius
  const cuboid :UInt32 = 1;                         # half extents x y z, border radius (0: sharp)
  const capsule :UInt32 = 2;                     # half height, radius
  const cylinder :UInt32 = 3;                    # half height, radius, border radius
  const cone :UInt32 = 4;                        # half height, radius, border radius
  const halfspace :UInt32 = 5;                   # outward normal x y z
  const segment :UInt32 = 6;                     # end points, 6
  const triangle :UInt32 = 7;                    # corners, 9, border radius
  const prepared :UInt32 = 8;                    # handle of a shape that createShape made
  # Only createShape makes these: see ShapeData.
  const convexHull :UInt32 = 16;                 # points
  const convexMesh :UInt32 = 17;                 # points, triangles
  const trimesh :UInt32 = 18;                    # points, triangles
  const polyline :UInt32 = 19;                   # points, segments
  const heightfield :UInt32 = 20;                # heights, column by column
  const voxels :UInt32 = 21;                     # cells, i32 x y z
  const compound :UInt32 = 22;                   # parts of partWords: kind, 10 sizes, position 3, rotation 4
}

# What createShape is given: these words, then `first` numbers or cells, then `second` indices.
struct ShapeData {
  const kind :UInt32 = 0;
  const first :UInt32 = 1;                       # how many words
  const second :UInt32 = 2;                      # how many words
  const borderRadius :UInt32 = 3;
  const scale :UInt32 = 4;                       # 3 numbers: of a heightfield, or a voxel's size
  const rows :UInt32 = 7;                        # of a heightfield
  const flags :UInt32 = 8;                       # see MeshFlag
  const head :UInt32 = 16;
  const partWords :UInt32 = 18;
}

struct MeshFlag {
  const fixInternalEdges :UInt32 = 1;
  const oriented :UInt32 = 2;                    # closed, with its triangles' fronts outside: solid
}

struct ColliderProperty {
  const position :UInt32 = 0;                    # 3, relative to its body
  const rotation :UInt32 = 1;                    # 4
  const density :UInt32 = 2;                     # 1
  const mass :UInt32 = 3;                        # 1
  const friction :UInt32 = 4;                    # 1
  const restitution :UInt32 = 5;                 # 1
  const combineRules :UInt32 = 6;                # 1
  const collisionGroups :UInt32 = 7;             # 1
  const solverGroups :UInt32 = 8;                # 1
  const sensor :UInt32 = 9;                      # 1
  const enabled :UInt32 = 10;                    # 1
  const contactSkin :UInt32 = 11;                # 1
  const activeEvents :UInt32 = 12;               # 1
  const contactForceThreshold :UInt32 = 13;      # 1
  const shape :UInt32 = 14;                      # 11: kind, sizes
}

struct JointOperand {
  const slot :UInt32 = 0;
  const generation :UInt32 = 1;
  const first :UInt32 = 2;                       # body's handle
  const second :UInt32 = 4;                      # body's handle
  const kind :UInt32 = 6;                        # see JointKind
  const flags :UInt32 = 7;                       # see JointFlag
  const firstAnchor :UInt32 = 8;
  const secondAnchor :UInt32 = 11;
  const firstRotation :UInt32 = 14;              # fixed joints
  const secondRotation :UInt32 = 18;
  const axis :UInt32 = 22;                       # revolute, prismatic and generic joints
  const lockedAxes :UInt32 = 25;                 # generic joints: six bits
  const length :UInt32 = 26;                     # rope: the longest; spring: at rest
  const stiffness :UInt32 = 27;                  # spring
  const damping :UInt32 = 28;                    # spring
  const count :UInt32 = 29;
}

struct JointKind {
  const fixed :UInt32 = 0;
  const spherical :UInt32 = 1;
  const revolute :UInt32 = 2;
  const prismatic :UInt32 = 3;
  const rope :UInt32 = 4;
  const spring :UInt32 = 5;
  const generic :UInt32 = 6;
}

struct JointFlag {
  const contactsEnabled :UInt32 = 1;
  const reduced :UInt32 = 2;                     # in reduced coordinates, as part of a multibody
  const wake :UInt32 = 4;
}

struct JointProperty {
  const limits :UInt32 = 0;                      # 2: least, most
  const motorModel :UInt32 = 1;                  # 1: 0 acceleration, 1 force
  const motor :UInt32 = 2;                       # 4: target position, target velocity, stiffness, damping
  const motorMaximumForce :UInt32 = 3;           # 1
  const contactsEnabled :UInt32 = 4;             # 1
  const enabled :UInt32 = 5;                     # 1
  const firstAnchor :UInt32 = 6;                 # 3
  const secondAnchor :UInt32 = 7;                # 3
}

struct WorldProperty {
  const gravity :UInt32 = 0;                     # 3
  const stepSeconds :UInt32 = 1;                 # 1
}

# A ring that the capsule writes and anybody reads: these words, then slots. `written` only grows (and wraps); the
# entry of number n lies in slot n % capacity, so who is slower than the ring is long loses the oldest.
struct EventWords {
  const written :UInt32 = 0;
  const capacity :UInt32 = 1;
  const head :UInt32 = 16;
  const entryWords :UInt32 = 8;
  const kind :UInt32 = 0;                        # see EventKind
  const step :UInt32 = 1;                        # low word of the step in which it happened
  const first :UInt32 = 2;                       # collider's slot
  const second :UInt32 = 3;
  const flags :UInt32 = 4;                       # see EventFlag
  const force :UInt32 = 5;                       # f32, newtons: the sum of all contacts' forces
  const strongest :UInt32 = 6;                   # f32, newtons: the strongest contact's
}

struct EventKind {
  const started :UInt32 = 0;
  const stopped :UInt32 = 1;
  const contactForce :UInt32 = 2;
}

struct EventFlag {
  const sensor :UInt32 = 1;
  const removed :UInt32 = 2;
}

struct QueryKind {
  const rays :UInt32 = 0;                        # in: origin 3, direction 3. out: QueryHit
  const points :UInt32 = 1;                      # in: point 3. out: QueryHit
  const shapeCasts :UInt32 = 2;                  # in: position 3, rotation 4, velocity 3. out: QueryHit
  const overlaps :UInt32 = 3;                    # in: position 3, rotation 4. out: count, then `limit` slots
}

struct QueryHit {
  const collider :UInt32 = 0;                    # slot, or none
  const distance :UInt32 = 1;                    # f32: along the ray or the velocity, in its lengths; from the point
  const normal :UInt32 = 2;                      # 3: of rays and shape casts; of points the nearest point
  const words :UInt32 = 5;
}

struct QueryFlag {
  const solid :UInt32 = 1;                       # a ray or point inside a shape hits it at distance 0
  # The rest are rapier's QueryFilterFlags, shifted.
  const filterShift :UInt32 = 8;
}

struct BodyProperty {
  const translation :UInt32 = 0;                 # 3 values
  const rotation :UInt32 = 1;                    # 4
  const linearVelocity :UInt32 = 2;              # 3
  const angularVelocity :UInt32 = 3;             # 3
  const nextTranslation :UInt32 = 4;             # 3, kinematic bodies
  const nextRotation :UInt32 = 5;                # 4
  const addForce :UInt32 = 6;                    # 3
  const addTorque :UInt32 = 7;                   # 3
  const addForceAtPoint :UInt32 = 8;             # 6
  const impulse :UInt32 = 9;                     # 3
  const torqueImpulse :UInt32 = 10;              # 3
  const impulseAtPoint :UInt32 = 11;             # 6
  const resetForces :UInt32 = 12;                # 0
  const resetTorques :UInt32 = 13;               # 0
  const sleep :UInt32 = 14;                      # 0
  const wake :UInt32 = 15;                       # 0
  const kind :UInt32 = 16;                       # 1, see BodyKind
  const linearDamping :UInt32 = 17;              # 1
  const angularDamping :UInt32 = 18;             # 1
  const gravityScale :UInt32 = 19;               # 1
  const enabled :UInt32 = 20;                    # 1
  const ccd :UInt32 = 21;                        # 1
  const dominance :UInt32 = 22;                  # 1, i8
  const lockedAxes :UInt32 = 23;                 # 1, six bits
  const additionalMass :UInt32 = 24;             # 1
  const softCcdPrediction :UInt32 = 25;          # 1
  const solverIterations :UInt32 = 26;           # 1
}

struct CreateWorldParams {
  poses @0 :Job.Region;        # for PosesWords and the frames, zeroed; stays the world's until it is disposed
  capacity @1 :UInt32;
  quotaBytes @2 :UInt32;
  gravityX @3 :Float32;
  gravityY @4 :Float32;
  gravityZ @5 :Float32;
  stepSeconds @6 :Float32;
  solverIterations @7 :UInt32;
  lengthUnit @8 :Float32;
  events @9 :Job.Region;       # for EventWords and the ring, zeroed; empty: none
}
struct CreateWorldResult { world @0 :UInt32; }

# Applies commands, then steps, at most so many if it keeps a pace. One unit is one body of the world in one step.
struct StepParams {
  world @0 :UInt32;
  commands @1 :Job.Region;     # see CommandWords; empty: none
  steps @2 :UInt32;
  pace @3 :Job.Region;         # see PaceWords; empty: as fast as it can
}

# The digest, 32 bytes, goes into the output: BLAKE3 over every body's slot, pose, velocities and state.
struct DigestParams {
  world @0 :UInt32;
  commands @1 :Job.Region;
}

struct SaveParams {
  world @0 :UInt32;
  commands @1 :Job.Region;
}
struct SaveResult { saved @0 :UInt32; byteLength @1 :UInt32; }
struct RestoreParams { world @0 :UInt32; saved @1 :UInt32; }

# Makes a shape of many numbers, or refuses them. Colliders name it by its handle.
struct CreateShapeParams {
  world @0 :UInt32;
  commands @1 :Job.Region;
  slot @2 :UInt32;
  generation @3 :UInt32;
  data @4 :Job.Region;         # see ShapeData
}

# Many queries of one kind against the world as it was after its latest step. One unit is one query.
struct QueryParams {
  world @0 :UInt32;
  commands @1 :Job.Region;
  kind @2 :UInt16;             # see QueryKind
  flags @3 :UInt32;            # see QueryFlag
  groups @4 :UInt32;           # memberships << 16 | filter
  excludedBody @5 :UInt32;     # slot, or none
  limit @6 :UInt32;            # overlaps: slots per query
  maximum @7 :Float32;         # distance, or time for shape casts
  shape @8 :Job.Region;        # kind, 10 sizes: of shape casts and overlaps
  input @9 :Job.Region;
  output @10 :Job.Region;
}
