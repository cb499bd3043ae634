// The game: two players push their balls through a heap of boxes, each in a runtime of its own.
import { createPhysics } from '@inos/physics';
import { diceFrom, Network } from './network.mjs';
import { Peer } from './peer.mjs';

const PLAYERS = 2;
const BOXES = 12;
/** The longest that a message takes, in steps. */
const LATENCY = 6;
/** How often a player moves. */
const MOVES_PER_STEP = 0.05;
/** Steps between two comparisons. */
const CHECK_EVERY = 500;

async function createPeer(physics) {
  const world = await physics.createWorld({ capacity: 1 + PLAYERS + BOXES });
  world.createBody({
    type: 'fixed',
    position: [0, -1, 0],
    colliders: [{ shape: 'box', halfExtents: [30, 1, 30] }],
  });
  const players = Array.from({ length: PLAYERS }, (_, player) =>
    world.createBody({
      type: 'dynamic',
      position: [player * 8 - 4, 0.5, 0],
      colliders: [{ shape: 'ball', radius: 0.5 }],
    }),
  );
  for (let index = 0; index < BOXES; index++) {
    world.createBody({
      type: 'dynamic',
      position: [(index % 3) - 1, 0.5 + Math.floor(index / 3), 0.05 * index],
      colliders: [{ shape: 'box', halfExtents: [0.45, 0.45, 0.45] }],
    });
  }
  return new Peer(world, players, LATENCY + 1);
}

/** Pushes towards the middle, where the boxes are, more or less. */
function moveOf(dice, step, player) {
  const push = (player === 0 ? 1 : -1) * dice() * 3;
  return { step, player, impulse: [push, dice() * 2, (dice() - 0.5) * 2] };
}

/**
 * Plays so many steps.
 *
 * @param {{ steps: number, seed?: number, onCheck?: (check: { step: number, digests: string[] }) => void }} options
 * @returns what happened; `digests` of both peers are equal at every check, unless something is wrong
 */
export async function play(options) {
  const runtimes = [await createPhysics(), await createPhysics()];
  try {
    const peers = await Promise.all(runtimes.map(createPeer));
    return await playBetween(peers, options);
  } finally {
    await Promise.all(runtimes.map((runtime) => runtime.close()));
  }
}

async function playBetween(peers, { steps, seed = 1, onCheck }) {
  const dice = diceFrom(seed);
  const network = new Network(dice, LATENCY);
  const checks = [];
  let moves = 0;
  for (let step = 0; step <= steps + LATENCY; step++) {
    for (let player = 0; player < PLAYERS && step < steps; player++) {
      if (dice() > MOVES_PER_STEP) continue;
      moves++;
      const move = moveOf(dice, step, player);
      peers[player].hear(move);
      network.send(step, 1 - player, move);
    }
    network.deliver(step, (to, move) => peers[to].hear(move));
    await Promise.all(peers.map((peer) => peer.take(step)));
    const settled = step - LATENCY;
    if (settled <= 0 || settled % CHECK_EVERY !== 0) continue;
    const digests = await Promise.all(peers.map((peer) => peer.digestBefore(settled)));
    checks.push({ step: settled, digests });
    onCheck?.({ step: settled, digests });
  }
  return {
    checks,
    moves,
    overtakings: network.overtakings,
    rollbacks: peers.map(({ rollbacks }) => rollbacks),
    stepsAgain: peers.map(({ stepsAgain }) => stepsAgain),
  };
}
