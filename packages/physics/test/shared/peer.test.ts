/** What drives bodies, and what is asked of worlds, bit by bit as rapier's own deterministic package has it. */
import RAPIER from '@dimforge/rapier3d-deterministic-compat';
import { createPhysics, type Physics } from '@inos/physics';
import type { Standalone } from '@inos/sdk';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { numbersOf, Peers, turnOf, vector } from './peer.js';
import { numbersFrom } from './numbers.mjs';

let physics: Standalone<Physics>;
let peers: Peers;

beforeAll(async () => {
  await RAPIER.init();
});

beforeEach(async () => {
  physics = await createPhysics();
  peers = new Peers(await physics.createWorld({ capacity: 200 }));
  const floor = { shape: 'box', halfExtents: [50, 1, 50] } as const;
  peers.add({ type: 'fixed', position: [0, -1, 0] }, floor);
});

afterEach(async () => {
  peers.peer.free();
  await physics.close();
});

const BOX = { shape: 'box', halfExtents: [0.5, 0.4, 0.3] } as const;

/** Boxes in a heap, and some that still fall. */
async function heap(): Promise<void> {
  const next = numbersFrom(11);
  for (let index = 0; index < 40; index++) {
    const position = [next() * 6 - 3, 0.5 + index * 0.4, next() * 6 - 3] as const;
    peers.add({ type: 'dynamic', position }, BOX);
  }
  await peers.step(90);
  peers.expectEqual();
}

test('rays: the nearest hit, and all of them', async () => {
  await heap();
  const next = numbersFrom(5);
  const rays = Array.from({ length: 60 }, () => [
    ...[next() * 8 - 4, 12, next() * 8 - 4],
    ...[next() * 0.5, -1, next() * 0.5],
  ]);
  using hits = await peers.ours.castRays(rays.flat());
  const all = await peers.ours.findRayHits(rays.flat());
  rays.forEach((ray, index) => {
    const peerRay = new RAPIER.Ray(vector(ray.slice(0, 3)), vector(ray.slice(3)));
    const hit = peers.peer.castRayAndGetNormal(peerRay, 1e30, true);
    expect(hits.collider(index)).toBe(peers.slotOf(hit?.collider ?? null));
    if (hit) {
      expect(hits.distance(index)).toBe(hit.timeOfImpact);
      expect(hits.normal(index)).toEqual(numbersOf(hit.normal));
      expect(hits.feature(index).id).toBe(hit.featureId);
    }
    const found: [distance: number, collider: number | undefined][] = [];
    peers.peer.intersectionsWithRay(peerRay, 1e30, true, (one) => {
      found.push([one.timeOfImpact, peers.slotOf(one.collider)]);
      return true;
    });
    found.sort(([one], [other]) => one - other);
    expect(all.answersOf(index).map((one) => [all.distance(one), all.collider(one)])).toEqual(
      found,
    );
  });
  expect(all.length).toBeGreaterThan(hits.count);
});

test('points: what is nearest, and what they are in', async () => {
  await heap();
  const next = numbersFrom(9);
  const points = Array.from({ length: 40 }, () => [next() * 6 - 3, next() * 3, next() * 6 - 3]);
  using near = await peers.ours.projectPoints(points.flat());
  const within = await peers.ours.findPointHits(points.flat());
  points.forEach((point, index) => {
    const found = peers.peer.projectPoint(vector(point), true);
    expect(near.collider(index)).toBe(peers.slotOf(found?.collider ?? null));
    expect(near.normal(index)).toEqual(numbersOf(found?.point ?? null));
    expect(near.isInside(index)).toBe(found?.isInside);
    const slots: (number | undefined)[] = [];
    peers.peer.intersectionsWithPoint(vector(point), (collider) => {
      slots.push(peers.slotOf(collider));
      return true;
    });
    expect([...within.colliders(index)]).toEqual(slots.sort((a = 0, b = 0) => a - b));
  });
  expect(within.length).toBeGreaterThan(0);
});

test('shapes on their way, with all that is known of the hit', async () => {
  await heap();
  const next = numbersFrom(13);
  const casts = Array.from({ length: 30 }, () => [
    ...[next() * 6 - 3, 9, next() * 6 - 3, 0, 0, 0, 1],
    ...[next() - 0.5, -2, next() - 0.5],
  ]);
  using hits = await peers.ours.castShapes({ shape: 'ball', radius: 0.3 }, casts.flat(), {
    targetDistance: 0.05,
  });
  const unturned = { x: 0, y: 0, z: 0, w: 1 };
  const ball = new RAPIER.Ball(0.3);
  casts.forEach((cast, index) => {
    const place = vector(cast.slice(0, 3));
    const way = vector(cast.slice(7));
    const hit = peers.peer.castShape(place, unturned, way, ball, 0.05, 1e30, true);
    expect(hits.collider(index)).toBe(peers.slotOf(hit?.collider ?? null));
    if (!hit) return;
    expect(hits.distance(index)).toBe(hit.time_of_impact);
    const ours = [hits.normal(index), hits.normal2(index), hits.point1(index), hits.point2(index)];
    const theirs = [hit.normal1, hit.normal2, hit.witness1, hit.witness2];
    expect(ours).toEqual(theirs.map(numbersOf));
  });
});

test('contacts, as the solver left them', async () => {
  await heap();
  const list = await peers.ours.readContacts();
  let points = 0;
  const { colliders } = peers.peer;
  const peerOf = (slot: number) => {
    const twin = peers.twins.find(({ collider }) => collider.slot === slot);
    if (twin === undefined) throw new Error('no such collider');
    return twin.peer.collider(0);
  };
  for (const answer of list.answersOf(0)) {
    const { collider1, collider2, point } = list.contact(answer);
    if (point === undefined) continue;
    points++;
    const found: unknown[] = [];
    peers.peer.contactPair(peerOf(collider1), peerOf(collider2), (manifold) => {
      for (let index = 0; index < manifold.numContacts(); index++) {
        found.push([
          numbersOf(manifold.normal()),
          numbersOf(manifold.localContactPoint1(index)),
          numbersOf(manifold.localContactPoint2(index)),
          manifold.contactDist(index),
          manifold.contactImpulse(index),
          manifold.contactTangentImpulseX(index),
          manifold.contactTangentImpulseY(index),
        ]);
      }
    });
    expect(found).toContainEqual([
      point.normal,
      point.localPoint1,
      point.localPoint2,
      point.distance,
      point.impulse,
      ...point.tangentImpulse,
    ]);
  }
  expect(points).toBeGreaterThan(50);
  expect(colliders.len()).toBe(41);
  const [first] = peers.twins;
  if (first === undefined) throw new Error('no floor');
  const onFloor = await peers.ours.readContacts([first.collider]);
  const near: (number | undefined)[] = [];
  peers.peer.contactPairsWith(first.peer.collider(0), (other) => near.push(peers.slotOf(other)));
  const others = onFloor.answersOf(0).map((answer) => {
    const pair = onFloor.colliders(answer);
    return pair[0] === first.collider.slot ? pair[1] : pair[0];
  });
  expect([...new Set(others)].sort()).toEqual(near.sort());
});

test('which bounds a box meets, and how a shape would touch what is near', async () => {
  await heap();
  const next = numbersFrom(17);
  const places = Array.from({ length: 30 }, () => [next() * 6 - 3, next() * 5, next() * 6 - 3]);
  const half = [0.7, 0.4, 0.6];
  const boxes = await peers.ours.findBoundsOverlaps(places.flatMap((place) => [...place, ...half]));
  const radius = 0.8;
  const maximumDistance = 0.3;
  const turned = places.flatMap((place) => [...place, 0, 0, 0, 1]);
  const contacts = await peers.ours.findContacts({ shape: 'ball', radius }, turned, {
    maximumDistance,
  });
  const ball = new RAPIER.Ball(radius);
  const unturned = { x: 0, y: 0, z: 0, w: 1 };
  places.forEach((place, index) => {
    const met: (number | undefined)[] = [];
    peers.peer.collidersWithAabbIntersectingAabb(vector(place), vector(half), (handle) => {
      met.push(peers.slotOf(handle));
      return true;
    });
    expect([...boxes.colliders(index)]).toEqual(met.sort((one = 0, other = 0) => one - other));
    const theirs = peers.twins.flatMap(({ collider, peer }) => {
      const contact = peer.collider(0).contactShape(ball, vector(place), unturned, maximumDistance);
      if (contact === null) return [];
      const { distance, point1, point2, normal1, normal2 } = contact;
      return [[collider.slot, distance, ...[point1, point2, normal1, normal2].map(numbersOf)]];
    });
    const ours = contacts
      .answersOf(index)
      .map((answer) => [
        contacts.collider(answer),
        contacts.distance(answer),
        contacts.point1(answer),
        contacts.point2(answer),
        contacts.normal1(answer),
        contacts.normal2(answer),
      ]);
    expect(ours).toEqual(theirs);
  });
  expect(boxes.length).toBeGreaterThan(20);
  expect(contacts.length).toBeGreaterThan(20);
  const [floor] = peers.twins;
  if (floor === undefined) throw new Error('no floor');
  const down = [0, 0.5, 0, 0, 0, 0, 1];
  const one = await peers.ours.findContacts({ shape: 'ball', radius: 1 }, down, {
    onlyCollider: floor.collider,
  });
  expect(one.answersOf(0).map((answer) => one.collider(answer))).toEqual([floor.collider.slot]);
  const none = await peers.ours.findBoundsOverlaps([0, 0, 0, 50, 50, 50], { exclude: ['solids'] });
  expect(none.length).toBe(0);
});

test('what sensors meet: of one, of a pair, of all', async () => {
  const gate = { shape: 'box', halfExtents: [2, 2, 0.2] } as const;
  const [east, west] = [1, -1].map((side) => {
    const twin = peers.add({ type: 'fixed', position: [side * 3, 1.5, 0] }, gate);
    twin.peer.collider(0).setSensor(true);
    twin.collider.setSensor(true);
    return twin;
  });
  const next = numbersFrom(19);
  for (let index = 0; index < 12; index++) {
    const position = [next() * 8 - 4, 1 + index * 0.5, next() - 0.5] as const;
    peers.add({ type: 'dynamic', position }, BOX);
  }
  if (east === undefined || west === undefined) throw new Error('no gates');
  let met = 0;
  for (let round = 0; round < 8; round++) {
    await peers.step(10);
    const all = await peers.ours.readIntersections();
    const pairs = all.answersOf(0).map((answer) => all.colliders(answer));
    for (const sensor of [east, west]) {
      const near: (number | undefined)[] = [];
      peers.peer.intersectionPairsWith(sensor.peer.collider(0), (other) => {
        near.push(peers.slotOf(other));
      });
      const list = await peers.ours.readIntersections([sensor.collider]);
      const intersecting = list.answersOf(0).flatMap((answer) => {
        const [one, other] = list.colliders(answer);
        if (!list.isIntersecting(answer)) return [];
        return [one === sensor.collider.slot ? other : one];
      });
      expect(intersecting.sort()).toEqual(near.sort());
      met += near.length;
      expect(pairs.filter((pair) => pair.includes(sensor.collider.slot)).length).toBe(list.length);
      for (const other of peers.twins.slice(3)) {
        const pair = await peers.ours.readIntersections([[sensor.collider, other.collider]]);
        const isMet = pair.length > 0 && pair.isIntersecting(0);
        const theirs = peers.peer.intersectionPair(sensor.peer.collider(0), other.peer.collider(0));
        expect(isMet).toBe(theirs);
      }
    }
  }
  expect(met).toBeGreaterThan(5);
});

test('mass properties, given and read', async () => {
  const given = {
    mass: 3,
    centerOfMass: [0.1, 0.2, -0.1],
    principalInertia: [0.4, 0.7, 0.2],
    inertiaFrame: [0, Math.SQRT1_2, 0, Math.SQRT1_2],
  } as const;
  const one = peers.add({ type: 'dynamic', position: [0, 6, 0] }, BOX);
  const other = peers.add({ type: 'dynamic', position: [3, 6, 0] }, BOX);
  const [x, y, z, w] = given.inertiaFrame;
  const frame = { x, y, z, w };
  const center = vector(given.centerOfMass);
  const inertia = vector(given.principalInertia);
  one.peer.setAdditionalMassProperties(3, center, inertia, frame, true);
  one.ours.setAdditionalMassProperties(given);
  other.peer.collider(0).setMassProperties(3, center, inertia, frame);
  other.collider.setMassProperties(given);
  for (const { ours, peer } of [one, other]) {
    peer.applyTorqueImpulse({ x: 1, y: 2, z: 0.5 }, true);
    ours.applyTorqueImpulse([1, 2, 0.5]);
    peer.addForce({ x: 2, y: 0, z: 0 }, true);
    ours.addForce([2, 0, 0]);
  }
  await peers.step(60);
  peers.expectEqual();
  const bodies = [one.ours, other.ours];
  const read = await peers.ours.readBodies(bodies, [
    'mass',
    'inverseMass',
    'localCenterOfMass',
    'centerOfMass',
    'principalInertia',
    'inversePrincipalInertia',
    'inertiaFrame',
    'effectiveInverseMass',
    'effectiveInverseInertia',
    'effectiveInertia',
    'force',
    'torque',
  ]);
  const points = await peers.ours.readPointVelocities(bodies, [1, 2, 3, 4, 5, 6]);
  [one.peer, other.peer].forEach((peer, index) => {
    const slice = (array: Float32Array, width: number) =>
      Array.from(array.subarray(index * width, (index + 1) * width));
    const matrix = ({ m11, m12, m13, m22, m23, m33 }: RAPIER.SdpMatrix3) => [
      ...[m11, m12, m13],
      ...[m22, m23, m33],
    ];
    expect(read.mass[index]).toBe(peer.mass());
    expect(read.inverseMass[index]).toBe(peer.invMass());
    expect(slice(read.localCenterOfMass, 3)).toEqual(numbersOf(peer.localCom()));
    expect(slice(read.centerOfMass, 3)).toEqual(numbersOf(peer.worldCom()));
    expect(slice(read.principalInertia, 3)).toEqual(numbersOf(peer.principalInertia()));
    expect(slice(read.inversePrincipalInertia, 3)).toEqual(numbersOf(peer.invPrincipalInertia()));
    expect(slice(read.inertiaFrame, 4)).toEqual(turnOf(peer.principalInertiaLocalFrame()));
    expect(slice(read.effectiveInverseMass, 3)).toEqual(numbersOf(peer.effectiveInvMass()));
    expect(slice(read.effectiveInverseInertia, 6)).toEqual(matrix(peer.effectiveWorldInvInertia()));
    expect(slice(read.effectiveInertia, 6)).toEqual(matrix(peer.effectiveAngularInertia()));
    expect(slice(read.force, 3)).toEqual(numbersOf(peer.userForce()));
    expect(slice(read.torque, 3)).toEqual(numbersOf(peer.userTorque()));
    const place = vector(index === 0 ? [1, 2, 3] : [4, 5, 6]);
    expect(slice(points, 3)).toEqual(numbersOf(peer.velocityAtPoint(place)));
  });
});

test('a character climbs steps, is stopped by walls, pushes boxes', async () => {
  for (let step = 0; step < 5; step++) {
    const halfExtents = [0.5, 0.1 * (step + 1), 2] as const;
    const position = [3 + step, 0.1 * (step + 1), 0] as const;
    peers.add({ type: 'fixed', position }, { shape: 'box', halfExtents });
  }
  peers.add({ type: 'fixed', position: [9, 1, 0] }, { shape: 'box', halfExtents: [0.2, 3, 5] });
  peers.add({ type: 'dynamic', position: [1.4, 0.4, 0] }, BOX);
  const tilt = [0, 0, Math.sin(0.2), Math.cos(0.2)] as const;
  const slope = { type: 'fixed', position: [-4, 0, 0], rotation: tilt } as const;
  peers.add(slope, { shape: 'box', halfExtents: [3, 0.2, 3] });
  const walker = peers.add(
    { type: 'kinematic-position', position: [0, 1.1, 0] },
    { shape: 'capsule', halfHeight: 0.6, radius: 0.4 },
  );
  const controller = peers.peer.createCharacterController(0.02);
  controller.enableAutostep(0.3, 0.2, true);
  controller.enableSnapToGround(0.3);
  controller.setApplyImpulsesToDynamicBodies(true);
  controller.setCharacterMass(70);
  controller.setMaxSlopeClimbAngle(0.8);
  controller.setMinSlopeSlideAngle(0.5);
  const character = peers.ours.createCharacter(walker.collider, {
    offset: 0.02,
    steps: { maximumHeight: 0.3, minimumWidth: 0.2, onDynamicBodies: true },
    snapToGround: 0.3,
    pushes: true,
    mass: 70,
    maximumClimbAngle: 0.8,
    minimumSlideAngle: 0.5,
  });
  await peers.step(1);
  let met = 0;
  for (let step = 0; step < 260; step++) {
    const wanted = [step < 160 ? 0.06 : -0.12, -0.05, step % 50 < 5 ? 0.05 : 0] as const;
    controller.computeColliderMovement(walker.peer.collider(0), vector(wanted));
    const movement = controller.computedMovement();
    const { x, y, z } = walker.peer.translation();
    walker.peer.setNextKinematicTranslation({
      x: Math.fround(x + movement.x),
      y: Math.fround(y + movement.y),
      z: Math.fround(z + movement.z),
    });
    character.move(wanted);
    const read = peers.ours.readCharacters([character], ['movement', 'grounded', 'collisionCount']);
    const collisions = character.readCollisions();
    const { movement: ours, grounded, collisionCount } = await read;
    expect(Array.from(ours)).toEqual(numbersOf(movement));
    expect(grounded[0]).toBe(controller.computedGrounded() ? 1 : 0);
    expect(collisionCount[0]).toBe(controller.numComputedCollisions());
    const list = await collisions;
    for (const answer of list.answersOf(0)) {
      const collision = controller.computedCollision(answer);
      met++;
      expect(list.collider(answer)).toBe(peers.slotOf(collision?.collider ?? null));
      expect(list.time(answer)).toBe(collision?.toi);
      expect(list.normal1(answer)).toEqual(numbersOf(collision?.normal1 ?? null));
      const applied = collision?.translationDeltaApplied ?? null;
      expect(list.translationApplied(answer)).toEqual(numbersOf(applied));
    }
    await peers.step(1);
    peers.expectEqual();
  }
  expect(met).toBeGreaterThan(20);
});

test('a vehicle drives, steers and brakes', async () => {
  const car = peers.add(
    { type: 'dynamic', position: [0, 1.2, 0] },
    { shape: 'box', halfExtents: [1.2, 0.3, 0.6] },
  );
  peers.add({ type: 'fixed', position: [9, 0.1, 0] }, { shape: 'box', halfExtents: [1, 0.1, 5] });
  const theirs = peers.peer.createVehicleController(car.peer);
  const vehicle = peers.ours.createVehicle(car.ours);
  for (const [x, z] of [
    [0.9, 0.6] as const,
    [0.9, -0.6] as const,
    [-0.9, 0.6] as const,
    [-0.9, -0.6] as const,
  ]) {
    theirs.addWheel({ x, y: -0.1, z }, { x: 0, y: -1, z: 0 }, { x: 0, y: 0, z: 1 }, 0.4, 0.3);
    const connection = [x, -0.1, z] as const;
    const index = vehicle.addWheel({
      connection,
      suspensionRestLength: 0.4,
      radius: 0.3,
      suspensionStiffness: 24,
      maximumSuspensionTravel: 0.3,
    });
    theirs.setWheelSuspensionStiffness(index, 24);
    theirs.setWheelMaxSuspensionTravel(index, 0.3);
  }
  for (let step = 0; step < 240; step++) {
    const engineForce = step < 150 ? 6 : 0;
    const steering = step > 60 && step < 120 ? 0.3 : 0;
    const brake = step > 180 ? 1 : 0;
    for (const wheel of [0, 1]) {
      theirs.setWheelEngineForce(wheel, engineForce);
      theirs.setWheelSteering(wheel, steering);
      vehicle.setWheel(wheel, { engineForce, steering });
    }
    for (const wheel of [2, 3]) {
      theirs.setWheelBrake(wheel, brake);
      vehicle.setWheel(wheel, { brake });
    }
    theirs.updateVehicle(1 / 60);
    await peers.step(1);
    peers.expectEqual();
    if (step % 20 !== 0) continue;
    const wheels = await vehicle.readWheels([
      'rotation',
      'suspensionLength',
      'suspensionForce',
      'forwardImpulse',
      'sideImpulse',
      'inContact',
      'contactPoint',
      'ground',
    ]);
    expect(await vehicle.read('speed')).toEqual(Float32Array.of(theirs.currentVehicleSpeed()));
    for (let wheel = 0; wheel < 4; wheel++) {
      expect(wheels.rotation[wheel]).toBe(theirs.wheelRotation(wheel));
      expect(wheels.suspensionLength[wheel]).toBe(theirs.wheelSuspensionLength(wheel));
      expect(wheels.suspensionForce[wheel]).toBe(theirs.wheelSuspensionForce(wheel));
      expect(wheels.forwardImpulse[wheel]).toBe(theirs.wheelForwardImpulse(wheel));
      expect(wheels.sideImpulse[wheel]).toBe(theirs.wheelSideImpulse(wheel));
      expect(wheels.inContact[wheel]).toBe(theirs.wheelIsInContact(wheel) ? 1 : 0);
      const contact = theirs.wheelContactPoint(wheel);
      const start = wheel * 3;
      const ours = Array.from(wheels.contactPoint.subarray(start, start + 3));
      expect(ours).toEqual(numbersOf(contact));
      // Off the ground, rapier.js gives a collider all the same.
      if (!theirs.wheelIsInContact(wheel)) continue;
      expect(wheels.ground[wheel]).toBe(peers.slotOf(theirs.wheelGroundObject(wheel)));
    }
  }
  expect(car.ours.translation[0]).toBeGreaterThan(3);
});

test('PID controllers take bodies to where they shall be', async () => {
  const lifted = peers.add({ type: 'dynamic', position: [0, 3, 0] }, BOX);
  const turned = peers.add({ type: 'dynamic', position: [4, 3, 0] }, BOX);
  const lift = peers.peer.createPidController(20, 0.5, 0.6, RAPIER.PidAxesMask.AllLin);
  const turn = peers.peer.createPidController(12, 0.1, 0.4, RAPIER.PidAxesMask.AllAng);
  const gains = { proportional: 20, integral: 0.5, derivative: 0.6 };
  const ourLift = peers.ours.createPid(lifted.ours, {
    linear: gains,
    angular: gains,
    axes: ['linear-x', 'linear-y', 'linear-z'],
  });
  const others = { proportional: 12, integral: 0.1, derivative: 0.4 };
  const ourTurn = peers.ours.createPid(turned.ours, {
    linear: others,
    angular: others,
    axes: ['angular-x', 'angular-y', 'angular-z'],
  });
  const goal = [1, 5, -2] as const;
  const [x, y, z, w] = [0, Math.sin(0.6), 0, Math.cos(0.6)] as const;
  ourLift.follow({ position: goal });
  ourTurn.follow({ rotation: [x, y, z, w], angularVelocity: [0, 0.1, 0] });
  for (let step = 0; step < 150; step++) {
    lift.applyLinearCorrection(lifted.peer, vector(goal), { x: 0, y: 0, z: 0 });
    turn.applyAngularCorrection(turned.peer, { x, y, z, w }, { x: 0, y: 0.1, z: 0 });
    await peers.step(1);
    peers.expectEqual();
  }
  expect(lifted.ours.translation[1]).toBeGreaterThan(4);
});
