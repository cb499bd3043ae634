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
  const table :UInt32 = 16;                      # per extent: offset, bytes, bytes in use
  const tableStrideWords :UInt32 = 4;
  const maximumExtents :UInt32 = 32;
  const heapOffset :UInt32 = 1024;               # bytes from the world's start
  const dataOffset :UInt32 = 65536;              # bytes from the world's start: what is allocated begins here
  const magicValue :UInt32 = 0x4c524f57;         # "WORL"
}

# A saved world: these words, then each extent's bytes in use, one after another.
struct SavedWords {
  const magic :UInt32 = 0;
  const world :UInt32 = 1;                       # offset of the world that was saved
  const extents :UInt32 = 2;
  const byteLength :UInt32 = 3;
  const root :UInt32 = 4;
  const used :UInt32 = 16;                       # per extent
  const headBytes :UInt32 = 256;
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
}
struct CreateWorldResult { world @0 :UInt32; }

# Applies commands, then steps. One unit is one body of the world in one step.
struct StepParams {
  world @0 :UInt32;
  commands @1 :Job.Region;     # see CommandWords; empty: none
  steps @2 :UInt32;
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
