@0xb8f1c0de5ab10008;
# What can be asked of the physics capsule: lists of as many answers as there are, and properties of many things.
# Numbers are those of ListParams and ReadParams in physics.capnp; words are u32, values f32 unless said otherwise.

struct ListKind {
  const rayHits :UInt32 = 0;                     # in: origin 3, direction 3. out: QueryHit, nearest first
  const pointHits :UInt32 = 1;                   # in: point 3. out: slots of colliders that it is in
  const boxes :UInt32 = 2;                       # in: centre 3, half extents 3. out: slots whose bounds it meets
  const shapeContacts :UInt32 = 3;               # in: position 3, rotation 4. out: QueryHit.shapeWords
  const contacts :UInt32 = 4;                    # in: two collider slots, or none. out: ContactWords
  const intersections :UInt32 = 5;               # in: two collider slots, or none. out: two slots, 1 if they meet
  const characterCollisions :UInt32 = 6;         # in: controller's handle. out: CharacterCollisionWords
  const shapePoints :UInt32 = 7;                 # in: collider's slot. out: points 3 of its mesh or hull
  const shapeIndices :UInt32 = 8;                # in: collider's slot. out: the indices of its triangles or segments
  const softPositions :UInt32 = 9;               # in: soft body's handle. out: positions 3 of its particles
  const softVelocities :UInt32 = 10;             # in: soft body's handle. out: velocities 3 of its particles
  const softTriangles :UInt32 = 11;              # in: soft body's handle. out: 3 particles a triangle of its surface
  const softEdges :UInt32 = 12;                  # in: soft body's handle. out: 2 particles an edge
}

struct ContactWords {
  const first :UInt32 = 0;                       # collider's slot
  const second :UInt32 = 1;
  const manifold :UInt32 = 2;                    # which of the pair's
  const flags :UInt32 = 3;                       # see ContactFlag; without `point` the rest is 0
  const firstPart :UInt32 = 4;                   # of shapes of parts
  const secondPart :UInt32 = 5;
  const firstFeature :UInt32 = 6;                # as QueryHit.feature
  const secondFeature :UInt32 = 7;
  const normal :UInt32 = 8;                      # 3, in the world, from the first to the second
  const firstPoint :UInt32 = 11;                 # 3, in the world
  const secondPoint :UInt32 = 14;
  const firstLocalNormal :UInt32 = 17;           # 3, in the collider's frame
  const secondLocalNormal :UInt32 = 20;
  const firstLocalPoint :UInt32 = 23;
  const secondLocalPoint :UInt32 = 26;
  const distance :UInt32 = 29;                   # f32, negative when penetrating
  const impulse :UInt32 = 30;                    # f32, newton seconds, in the latest step
  const tangentImpulse :UInt32 = 31;             # 2
  const friction :UInt32 = 33;
  const restitution :UInt32 = 34;
  const words :UInt32 = 36;
}

struct ContactFlag {
  const point :UInt32 = 1;                       # there is a contact point
  const active :UInt32 = 2;                      # the pair pushes
}

struct ReadSubject {
  const body :UInt32 = 0;                        # handle: slot, generation
  const collider :UInt32 = 1;
  const joint :UInt32 = 2;
  const character :UInt32 = 3;
  const vehicle :UInt32 = 4;
  const wheel :UInt32 = 5;                       # vehicle's handle, index
  const point :UInt32 = 6;                       # body's handle, point 3
  const world :UInt32 = 7;                       # nothing
  const softBody :UInt32 = 8;
  const pid :UInt32 = 9;
}

struct ReadBody {
  const kind :UInt32 = 0;
  const enabled :UInt32 = 1;
  const sleeping :UInt32 = 2;
  const moving :UInt32 = 3;
  const translation :UInt32 = 4;                 # 3
  const rotation :UInt32 = 5;                    # 4
  const linearVelocity :UInt32 = 6;              # 3
  const angularVelocity :UInt32 = 7;             # 3
  const nextTranslation :UInt32 = 8;             # 3
  const nextRotation :UInt32 = 9;                # 4
  const linearDamping :UInt32 = 10;
  const angularDamping :UInt32 = 11;
  const gravityScale :UInt32 = 12;
  const dominance :UInt32 = 13;                  # i32
  const effectiveDominance :UInt32 = 14;         # i32
  const lockedAxes :UInt32 = 15;
  const ccd :UInt32 = 16;
  const ccdActive :UInt32 = 17;
  const softCcdPrediction :UInt32 = 18;
  const solverIterations :UInt32 = 19;
  const pgsIterations :UInt32 = 20;
  const mass :UInt32 = 21;
  const inverseMass :UInt32 = 22;
  const localCenterOfMass :UInt32 = 23;          # 3
  const centerOfMass :UInt32 = 24;               # 3, in the world
  const principalInertia :UInt32 = 25;           # 3
  const inversePrincipalInertia :UInt32 = 26;    # 3
  const inertiaFrame :UInt32 = 27;               # 4
  const effectiveInverseMass :UInt32 = 28;       # 3
  const effectiveInverseInertia :UInt32 = 29;    # 6, in the world
  const effectiveInertia :UInt32 = 30;           # 6
  const force :UInt32 = 31;                      # 3
  const torque :UInt32 = 32;                     # 3
  const gyroscopicForces :UInt32 = 33;
  const colliders :UInt32 = 34;                  # how many
  const kineticEnergy :UInt32 = 35;
  const fastRotation :UInt32 = 36;
  const softBody :UInt32 = 37;                   # whether it is a frame of one
}

struct ReadCollider {
  const body :UInt32 = 0;                        # slot, or none
  const shape :UInt32 = 1;                       # see ShapeKind
  const enabled :UInt32 = 2;
  const sensor :UInt32 = 3;
  const translation :UInt32 = 4;                 # 3, in the world
  const rotation :UInt32 = 5;                    # 4, in the world
  const localTranslation :UInt32 = 6;            # 3, relative to its body
  const localRotation :UInt32 = 7;               # 4
  const friction :UInt32 = 8;
  const restitution :UInt32 = 9;
  const combineRules :UInt32 = 10;
  const collisionGroups :UInt32 = 11;
  const solverGroups :UInt32 = 12;
  const events :UInt32 = 13;
  const hooks :UInt32 = 14;
  const collisionTypes :UInt32 = 15;
  const contactForceThreshold :UInt32 = 16;
  const contactSkin :UInt32 = 17;
  const density :UInt32 = 18;
  const mass :UInt32 = 19;
  const volume :UInt32 = 20;
  const bounds :UInt32 = 21;                     # 6: least, most
  const sizes :UInt32 = 22;                      # 10: what its shape is given by
  const scale :UInt32 = 23;                      # 3: of a heightfield; a voxel's size
  const rows :UInt32 = 24;                       # of a heightfield
  const columns :UInt32 = 25;
  const centerOfMass :UInt32 = 26;               # 3, relative to the collider
  const principalInertia :UInt32 = 27;           # 3
  const inertiaFrame :UInt32 = 28;               # 4
}

struct ReadJoint {
  const kind :UInt32 = 0;                        # 1 if reduced
  const enabled :UInt32 = 1;
  const contactsEnabled :UInt32 = 2;
  const anchor1 :UInt32 = 3;                     # 3
  const anchor2 :UInt32 = 4;
  const frame1 :UInt32 = 5;                      # 4
  const frame2 :UInt32 = 6;
  const lockedAxes :UInt32 = 7;
  const limitedAxes :UInt32 = 8;
  const motorAxes :UInt32 = 9;
  const limits :UInt32 = 10;                     # 12: least, most of each axis
  const motors :UInt32 = 11;                     # 36: target position, velocity, stiffness, damping, maximum force, model
  const impulses :UInt32 = 12;                   # 6: of each axis, in the latest step
}

struct ReadWorld {
  const gravity :UInt32 = 0;                     # 3
  const stepSeconds :UInt32 = 1;
  const lengthUnit :UInt32 = 2;
  const solverIterations :UInt32 = 3;
  const pgsIterations :UInt32 = 4;
  const stabilizationIterations :UInt32 = 5;
  const ccdSubsteps :UInt32 = 6;
  const contactFrequency :UInt32 = 7;
  const contactDampingRatio :UInt32 = 8;
  const allowedLinearError :UInt32 = 9;
  const predictionDistance :UInt32 = 10;
  const maximumCorrectiveVelocity :UInt32 = 11;
  const warmstart :UInt32 = 12;
  const contactErp :UInt32 = 13;
  const bodies :UInt32 = 14;
  const colliders :UInt32 = 15;
  const joints :UInt32 = 16;
  const activeBodies :UInt32 = 17;
  const contactPairs :UInt32 = 18;
}

struct ReadCharacter {
  const movement :UInt32 = 0;                    # 3: what the latest move came to
  const grounded :UInt32 = 1;
  const sliding :UInt32 = 2;                     # down a slope
  const collisions :UInt32 = 3;                  # how many
}

struct ReadVehicle {
  const speed :UInt32 = 0;
  const wheels :UInt32 = 1;                      # how many
  const upAxis :UInt32 = 2;
  const forwardAxis :UInt32 = 3;
  const chassis :UInt32 = 4;                     # slot, or none
}

# The first are WheelProperty's.
struct ReadWheel {
  const rotation :UInt32 = 16;
  const forwardImpulse :UInt32 = 17;
  const sideImpulse :UInt32 = 18;
  const suspensionForce :UInt32 = 19;
  const inContact :UInt32 = 20;
  const contactNormal :UInt32 = 21;              # 3
  const contactPoint :UInt32 = 22;               # 3
  const suspensionLength :UInt32 = 23;
  const hardPoint :UInt32 = 24;                  # 3
  const ground :UInt32 = 25;                     # collider's slot, or none
  const center :UInt32 = 26;                     # 3
}

struct ReadPid {
  const linearIntegral :UInt32 = 0;              # 3
  const angularIntegral :UInt32 = 1;             # 3
}

struct ReadSoftBody {
  const particles :UInt32 = 0;
  const mass :UInt32 = 1;
  const centerOfMass :UInt32 = 2;                # 3
  const volume :UInt32 = 3;
  const restVolume :UInt32 = 4;
  const sleeping :UInt32 = 5;
  const enabled :UInt32 = 6;
  const topology :UInt32 = 7;                    # grows with each tear
  const particleRadius :UInt32 = 8;
  const volumeFactor :UInt32 = 9;
}
