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
  const takeSnapshot :UInt16 = 7;
  const restoreSnapshot :UInt16 = 8;
  const list :UInt16 = 9;
  const read :UInt16 = 10;
  const debugLines :UInt16 = 11;
  const createSoftBody :UInt16 = 12;
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
  const particlesOffset :UInt32 = 7;             # 0: none
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
# bytes, then, from behind the most ranges on, their bytes, one range after another.
struct SavedWords {
  const magic :UInt32 = 0;
  const world :UInt32 = 1;                       # offset of the world that was saved
  const extents :UInt32 = 2;
  const byteLength :UInt32 = 3;
  const ranges :UInt32 = 4;                      # how many there are
  const used :UInt32 = 16;                       # per extent
  const headBytes :UInt32 = 256;
  const rangeBytes :UInt32 = 8;
  const mostRanges :UInt32 = 2048;
  const magicValue :UInt32 = 0x45564153;         # "SAVE"
}

# A portable snapshot: these words, then the host's own bytes, commands that the world has
# still to take, and the world as serde writes it. All little-endian.
struct SnapshotWords {
  const magic :UInt32 = 0;                       # two words: "INOSPHYS"
  const format :UInt32 = 2;
  const rapier :UInt32 = 3;                      # major, minor, patch, a byte each
  const capacity :UInt32 = 4;
  const hostBytes :UInt32 = 5;
  const worldBytes :UInt32 = 6;
  const commandBytes :UInt32 = 7;
  const checksum :UInt32 = 8;                    # 32 bytes: BLAKE3 of all bytes but these
  const headBytes :UInt32 = 64;
  const magicValue :UInt32 = 0x534f4e49;         # "INOS"
  const secondMagicValue :UInt32 = 0x53594850;   # "PHYS"
  const formatVersion :UInt32 = 1;
  const rapierVersion :UInt32 = 0x002401;        # 0.36.1
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

# What anybody may read of soft bodies without asking: the head, the frame table and the turns of the frames are as
# of PosesWords, where a frame's slots are how many particles there are, also if the frame has no room for them all.
struct ParticlesWords {
  const magicValue :UInt32 = 0x54524150;         # "PART"
  # Within a frame, per particle: position and velocity 3 each, f32; the slot of its soft body, or none for a piece
  # that tore off; then one state byte each, see BodyState. Soft bodies follow one another by ascending slot.
  const positionWords :UInt32 = 3;
  const velocityWords :UInt32 = 3;
  const ownerWords :UInt32 = 1;
  const maximum :UInt32 = 1048576;               # per world: the most that a frame may have room for
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
  const ignorePair :UInt32 = 16;                 # two colliders' handles, whether
  const createCharacter :UInt32 = 17;            # handle, collider's handle, CharacterOperand
  const setCharacter :UInt32 = 18;               # handle, CharacterOperand
  const moveCharacter :UInt32 = 19;              # handle, translation 3, 1 to give it to the body
  const createVehicle :UInt32 = 20;              # handle, chassis' handle, up axis, forward axis
  const setVehicle :UInt32 = 21;                 # handle, VehicleOperand
  const addWheel :UInt32 = 22;                   # handle, WheelOperand
  const setWheel :UInt32 = 23;                   # handle, index, WheelProperty, values
  const createPid :UInt32 = 24;                  # handle, body's handle, PidOperand
  const setPid :UInt32 = 25;                     # handle, PidOperand
  const targetPid :UInt32 = 26;                  # handle, PidTarget
  const resetPid :UInt32 = 27;                   # handle
  const removeController :UInt32 = 28;           # handle
  const removeSoftBody :UInt32 = 29;             # handle
  const setSoftBody :UInt32 = 30;                # handle, SoftProperty, values
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
  const fixInternalEdges :UInt32 = 1;            # also of heightfields
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
  const collisionTypes :UInt32 = 15;             # 1
  const massProperties :UInt32 = 16;             # 11: as of BodyProperty
  const oneWay :UInt32 = 17;                     # 5: whether, local normal 3, angle
  const surfaceVelocity :UInt32 = 18;            # 3, in the collider's frame; zeros: none
  const worldPosition :UInt32 = 19;              # 3
  const worldRotation :UInt32 = 20;              # 4
  const voxel :UInt32 = 21;                      # 4: cell 3, whether it is filled
  const voxelNeighbors :UInt32 = 22;             # 8: another's handle 2, where its cell 0 lies 3, a cell that changed 3
  const allVoxelNeighbors :UInt32 = 23;          # 5: another's handle 2, where its cell 0 lies 3
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
  const firstFrame :UInt32 = 8;                  # 4
  const secondFrame :UInt32 = 9;                 # 4
  const freeLimits :UInt32 = 10;                 # 0: the axis has no limits
  const freeMotor :UInt32 = 11;                  # 0: nothing drives the axis
}

struct WorldProperty {
  const gravity :UInt32 = 0;                     # 3
  const stepSeconds :UInt32 = 1;                 # 1
  const lengthUnit :UInt32 = 2;                  # 1
  const solverIterations :UInt32 = 3;            # 1
  const pgsIterations :UInt32 = 4;               # 1
  const stabilizationIterations :UInt32 = 5;     # 1
  const ccdSubsteps :UInt32 = 6;                 # 1
  const contactFrequency :UInt32 = 7;            # 1
  const contactDampingRatio :UInt32 = 8;         # 1
  const allowedLinearError :UInt32 = 9;          # 1
  const predictionDistance :UInt32 = 10;         # 1
  const maximumCorrectiveVelocity :UInt32 = 11;  # 1
  const warmstart :UInt32 = 12;                  # 1
}

# A ring that the capsule writes and anybody reads: these words, then slots. `written` only grows (and wraps); the
# entry of number n lies in slot n % capacity, so who is slower than the ring is long loses the oldest.
struct EventWords {
  const written :UInt32 = 0;
  const capacity :UInt32 = 1;
  const head :UInt32 = 16;
  const entryWords :UInt32 = 16;
  const kind :UInt32 = 0;                        # see EventKind
  const step :UInt32 = 1;                        # low word of the step in which it happened
  const first :UInt32 = 2;                       # collider's slot
  const second :UInt32 = 3;
  const flags :UInt32 = 4;                       # see EventFlag
  const force :UInt32 = 5;                       # f32, newtons: the sum of all contacts' forces
  const strongest :UInt32 = 6;                   # f32, newtons: the strongest contact's
  const total :UInt32 = 7;                       # 3 f32, newtons: the forces added up, as the first collider pushes the second
  const direction :UInt32 = 10;                  # 3 f32: where the strongest force points, length 1
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
  # Of two shapes, without the world's colliders: `shape` has both, one after the other. out: QueryHit, where 0 in
  # place of the collider says that there is one.
  const shapePairs :UInt32 = 4;                  # in: position 3, rotation 4 of each
  const shapePairCasts :UInt32 = 5;              # in: position 3, rotation 4, velocity 3 of each
}

struct QueryHit {
  const collider :UInt32 = 0;                    # slot, or none
  const distance :UInt32 = 1;                    # f32: along the ray or the velocity, in its lengths; from the point
  const normal :UInt32 = 2;                      # 3: of rays and shape casts; of points the nearest point
  const feature :UInt32 = 5;                     # 0 vertex, 1 edge, 2 face, 3 unknown, above featureShift; its number
  const flags :UInt32 = 6;                       # see HitFlag
  const words :UInt32 = 8;                       # of rays and points
  # Only of shape casts and contacts of shapes.
  const secondNormal :UInt32 = 7;                # 3
  const firstPoint :UInt32 = 10;                 # 3
  const secondPoint :UInt32 = 13;                # 3
  const shapeWords :UInt32 = 16;
  const featureShift :UInt32 = 30;
}

struct HitFlag {
  const inside :UInt32 = 1;                      # a point inside; a cast that began within the target distance; shapes that overlap
}

struct QueryFlag {
  const solid :UInt32 = 1;                       # a ray or point inside a shape hits it at distance 0
  const ignorePenetration :UInt32 = 2;           # a shape cast that begins inside goes on where it leaves
  const features :UInt32 = 4;                    # points: say on which feature the nearest point is
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
  const massProperties :UInt32 = 27;             # 11: mass, centre of mass 3, principal inertia 3, its frame 4
  const gyroscopicForces :UInt32 = 28;           # 1
  const canSleep :UInt32 = 29;                   # 1
  const pgsIterations :UInt32 = 30;              # 1
  const fastRotation :UInt32 = 31;               # 1
  const recomputeMass :UInt32 = 32;              # 0
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
  particles @10 :Job.Region;   # for ParticlesWords and the frames, zeroed; empty: none
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

# Makes a portable snapshot (see SnapshotWords) in an allocation of its own, which is the host's to free.
struct TakeSnapshotParams {
  world @0 :UInt32;
  commands @1 :Job.Region;
  host @2 :Job.Region;         # bytes to be kept in it
}
struct TakeSnapshotResult { snapshot @0 :UInt32; byteLength @1 :UInt32; }

# Makes a world of a snapshot. Gravity and the like are the snapshot's.
struct RestoreSnapshotParams {
  snapshot @0 :Job.Region;
  poses @1 :Job.Region;        # as of CreateWorldParams
  events @2 :Job.Region;
  quotaBytes @3 :UInt32;
  particles @4 :Job.Region;
}
struct RestoreSnapshotResult { world @0 :UInt32; }

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
  shape @8 :Job.Region;        # kind, 10 sizes: of shape casts and overlaps; of both shapes of a pair
  input @9 :Job.Region;
  output @10 :Job.Region;
  excludedCollider @11 :UInt32;
  onlyCollider @12 :UInt32;    # slot, or none: of any
  targetDistance @13 :Float32; # of shape casts: how near counts as a hit
}

# As many answers as there are: `output` begins with where each question's answers start and where the last end,
# in records; then come the records that fit. One unit is one question.
struct ListParams {
  query @0 :QueryParams;
}

# Properties of many things: see ReadBody and the like. `input` holds `properties` numbers and then handles;
# `output` the properties one after another, each of all. One unit is one thing.
struct ReadParams {
  world @0 :UInt32;
  commands @1 :Job.Region;
  subject @2 :UInt16;          # see ReadSubject
  properties @3 :UInt16;
  input @4 :Job.Region;
  output @5 :Job.Region;
}

# Lines that show what rapier sees. `output` begins with how many there are; then the ends of those that fit, 6
# numbers each; then the colours of both ends, 8 numbers each.
struct DebugLinesParams {
  world @0 :UInt32;
  commands @1 :Job.Region;
  modes @2 :UInt32;            # rapier's DebugRenderMode
  output @3 :Job.Region;
  exclude @4 :UInt32;          # rapier's QueryFilterFlags: which colliders aren't shown
}

struct CreateSoftBodyParams {
  world @0 :UInt32;
  commands @1 :Job.Region;
  slot @2 :UInt32;
  generation @3 :UInt32;
  data @4 :Job.Region;         # see SoftData
}
struct CreateSoftBodyResult { particles @0 :UInt32; }
