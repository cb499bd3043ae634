// The page: the world runs by itself in the capsule's thread, this thread draws it and rolls it back.
import { createPhysics } from '@inos/physics';
import { History } from './history.js';
import { BOXES, createPile } from './pile.js';
import { Stage } from './stage.js';

const DIGEST_EVERY_MS = 1000;

const element = (id) => document.getElementById(id);
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

async function start() {
  const physics = await createPhysics();
  const { world, firstSlot } = await createPile(physics);
  const stage = new Stage(element('stage'), BOXES, firstSlot);
  const history = new History(world);
  const run = world.run({ hz: 60, onError: complain });
  history.follow(run);

  const translations = new Float32Array(world.capacity * 3);
  const rotations = new Float32Array(world.capacity * 4);
  let latest = 0;
  const draw = () => {
    // Between two steps while it runs, exactly at one while it stands.
    world.poses.interpolate(run.isPaused ? 1 : run.fraction, translations, rotations);
    stage.draw(translations, rotations);
    const { step } = world.poses;
    latest = Math.max(latest, step);
    element('time').max = String(latest);
    if (!run.isPaused) element('time').value = String(step);
    element('step').value = `step ${step} of ${latest}`;
    requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);

  const showDigest = async () => {
    const { step } = world.poses;
    const digest = await world.digest();
    // A world that went on meanwhile doesn't say of which step it was.
    if (world.poses.step !== step) return;
    element('digest').value = `digest after step ${step}: ${hex(digest)}`;
  };
  const pause = (isPaused) => {
    if (isPaused) run.pause();
    else run.resume();
    element('toggle').textContent = isPaused ? 'Play' : 'Pause';
  };
  /** One at a time; of those asked for meanwhile only the last. */
  let wanted;
  let rolling;
  const rollTo = (step) => {
    pause(true);
    wanted = step;
    rolling ??= (async () => {
      while (wanted !== undefined) {
        const next = wanted;
        wanted = undefined;
        await history.goTo(next);
      }
      await showDigest();
    })().finally(() => (rolling = undefined));
    return rolling;
  };

  element('time').addEventListener('input', () => void rollTo(element('time').valueAsNumber));
  element('toggle').addEventListener('click', () => {
    pause(!run.isPaused);
    void showDigest();
  });
  setInterval(() => {
    if (!run.isPaused) void showDigest();
  }, DIGEST_EVERY_MS);
  globalThis.page = { world, run, rollTo, pause };
}

function complain(error) {
  element('problem').textContent = error.message;
}

start().catch(complain);
