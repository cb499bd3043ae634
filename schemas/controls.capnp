@0xb8f1c0de5ab10007;
# What drives bodies in the physics capsule: characters, vehicles, PID controllers, soft bodies. Operands of the
# commands of physics.capnp: u32 words, f32 values in a word each.

# How a character moves. Lengths with `relative` are shares of its shape's height.
struct CharacterOperand {
  const flags :UInt32 = 0;                       # see CharacterFlag
  const up :UInt32 = 1;                          # 3
  const offset :UInt32 = 4;
  const climbAngle :UInt32 = 5;                  # radians
  const slideAngle :UInt32 = 6;
  const stepHeight :UInt32 = 7;
  const stepWidth :UInt32 = 8;
  const snapDistance :UInt32 = 9;
  const nudge :UInt32 = 10;
  const mass :UInt32 = 11;
  const filter :UInt32 = 12;                     # rapier's QueryFilterFlags
  const groups :UInt32 = 13;
  const count :UInt32 = 14;
}

struct CharacterFlag {
  const slide :UInt32 = 1;
  const step :UInt32 = 2;
  const stepOnDynamic :UInt32 = 4;
  const snap :UInt32 = 8;
  const push :UInt32 = 16;                       # impulses to dynamic bodies
  const massGiven :UInt32 = 32;                  # otherwise the body's
  const offsetRelative :UInt32 = 64;
  const stepHeightRelative :UInt32 = 128;
  const stepWidthRelative :UInt32 = 256;
  const snapRelative :UInt32 = 512;
}

struct CharacterCollisionWords {
  const collider :UInt32 = 0;                    # slot
  const time :UInt32 = 1;                        # f32: how far along the way
  const applied :UInt32 = 2;                     # 3: the way until then
  const remaining :UInt32 = 5;                   # 3
  const firstPoint :UInt32 = 8;                  # 3
  const secondPoint :UInt32 = 11;
  const firstNormal :UInt32 = 14;
  const secondNormal :UInt32 = 17;
  const words :UInt32 = 20;
}

struct VehicleOperand {
  const upAxis :UInt32 = 0;                      # 0 x, 1 y, 2 z
  const forwardAxis :UInt32 = 1;
  const filter :UInt32 = 2;                      # rapier's QueryFilterFlags
  const groups :UInt32 = 3;
  const enabled :UInt32 = 4;
  const count :UInt32 = 5;
}

struct WheelOperand {
  const connection :UInt32 = 0;                  # 3, relative to the chassis
  const direction :UInt32 = 3;                   # 3
  const axle :UInt32 = 6;                        # 3
  const restLength :UInt32 = 9;
  const radius :UInt32 = 10;
  const count :UInt32 = 11;
}

struct WheelProperty {
  const connection :UInt32 = 0;                  # 3
  const direction :UInt32 = 1;                   # 3
  const axle :UInt32 = 2;                        # 3
  const restLength :UInt32 = 3;                  # 1, and all below
  const radius :UInt32 = 4;
  const maximumTravel :UInt32 = 5;
  const stiffness :UInt32 = 6;
  const compression :UInt32 = 7;
  const relaxation :UInt32 = 8;
  const maximumForce :UInt32 = 9;
  const brake :UInt32 = 10;
  const steering :UInt32 = 11;
  const engineForce :UInt32 = 12;
  const frictionSlip :UInt32 = 13;
  const sideFriction :UInt32 = 14;
}

struct PidOperand {
  const axes :UInt32 = 0;                        # six bits
  const linearGains :UInt32 = 1;                 # 3 each: proportional, integral, derivative
  const angularGains :UInt32 = 10;
  const count :UInt32 = 19;
}

struct PidTarget {
  const flags :UInt32 = 0;                       # see PidFlag
  const position :UInt32 = 1;                    # 3
  const rotation :UInt32 = 4;                    # 4
  const linearVelocity :UInt32 = 8;              # 3
  const angularVelocity :UInt32 = 11;            # 3
  const count :UInt32 = 14;
}

struct PidFlag {
  const linear :UInt32 = 1;                      # there is a position to get to
  const angular :UInt32 = 2;                     # there is a rotation to get to
  const once :UInt32 = 4;                        # at once, not before each step
}

# What createSoftBody is given: these words, then `first` numbers, `second` and `third` indices, `fourth` indices.
struct SoftData {
  const kind :UInt32 = 0;                        # see SoftKind
  const first :UInt32 = 1;                       # how many words: points
  const second :UInt32 = 2;                      # how many words: triangles or edges
  const third :UInt32 = 3;                       # how many words: cells
  const fourth :UInt32 = 4;                      # how many words: pinned particles
  const flags :UInt32 = 5;                       # see SoftFlag
  const sizes :UInt32 = 6;                       # 12 numbers and counts, by kind
  const mass :UInt32 = 18;
  const radius :UInt32 = 19;
  const linearDamping :UInt32 = 20;
  const gravityScale :UInt32 = 21;
  const solverIterations :UInt32 = 22;
  const translation :UInt32 = 23;                # 3
  const cellModel :UInt32 = 26;                  # 0 volume, 1 corotational, 2 neo-Hookean
  const volumeFactor :UInt32 = 27;
  const material :UInt32 = 28;                   # see SoftMaterial
  const friction :UInt32 = 56;
  const collisionGroups :UInt32 = 57;
  const restitution :UInt32 = 58;
  const head :UInt32 = 64;
}

struct SoftMaterial {
  const edge :UInt32 = 0;                        # frequency, damping ratio
  const bend :UInt32 = 2;
  const volume :UInt32 = 4;
  const shapeMatching :UInt32 = 6;
  const youngModulus :UInt32 = 8;
  const poissonRatio :UInt32 = 9;
  const elasticDamping :UInt32 = 10;
  const deformationDamping :UInt32 = 11;
  const plastic :UInt32 = 12;                    # yield, creep, most
  const edgePlastic :UInt32 = 15;                # yield, creep, most
  const edgePlasticFlow :UInt32 = 18;            # 0 both, 1 compression, 2 tension
  const tearStrain :UInt32 = 19;                 # infinite: never
  const tearForce :UInt32 = 20;                  # infinite: never
  const tearSmoothing :UInt32 = 21;
  const interiorStrength :UInt32 = 22;
  const maximumTears :UInt32 = 23;
  const minimumPiece :UInt32 = 24;               # none: any
  const count :UInt32 = 25;
}

struct SoftKind {
  const particles :UInt32 = 0;                   # points, edges, cells
  const rope :UInt32 = 1;                        # start 3, end 3, particles
  const cloth :UInt32 = 2;                       # origin 3, sides 3 and 3, particles along each
  const tube :UInt32 = 3;                        # origin 3, axis 3, radius at start and end, particles around and along
  const cuboid :UInt32 = 4;                      # centre 3, half extents 3, particles along each
  const sphere :UInt32 = 5;                      # centre 3, radius, subdivisions
  const trimesh :UInt32 = 6;                     # points, triangles
  const volumetric :UInt32 = 7;                  # points, triangles; a cell's size
}

struct SoftFlag {
  const volumePreservation :UInt32 = 1;          # with the bit above: whether it is given
  const shapeMatching :UInt32 = 4;               # likewise
  const selfContacts :UInt32 = 16;
  const tensionOnly :UInt32 = 32;
  const noCollider :UInt32 = 64;
  const canSleep :UInt32 = 128;
  const skinned :UInt32 = 256;                   # a volumetric one's mesh is moved by coarser cells
  const massGiven :UInt32 = 512;
  const radiusGiven :UInt32 = 1024;
}

struct SoftProperty {
  const particlePosition :UInt32 = 0;            # particle, 3
  const particleVelocity :UInt32 = 1;            # particle, 3
  const particleTarget :UInt32 = 2;              # particle, 3: of pinned ones
  const particlePinned :UInt32 = 3;              # particle, whether
  const attach :UInt32 = 4;                      # particle, body's handle
  const detach :UInt32 = 5;                      # particle
  const addForce :UInt32 = 6;                    # 3
  const addParticleForce :UInt32 = 7;            # particle, 3
  const resetForces :UInt32 = 8;                 # 0
  const impulse :UInt32 = 9;                     # 3
  const particleImpulse :UInt32 = 10;            # particle, 3
  const impulseAtPoint :UInt32 = 11;             # 3, point 3, radius
  const radialImpulse :UInt32 = 12;              # centre 3, magnitude, radius
  const enabled :UInt32 = 13;                    # 1
  const wake :UInt32 = 14;                       # 0
  const volumeFactor :UInt32 = 15;               # 1
  const volumePreservation :UInt32 = 16;         # 1
  const material :UInt32 = 17;                   # SoftMaterial
  const tear :UInt32 = 18;                       # 0 edge, 1 cell; index
}
