/**
 * `inos physics`: steps a scene, shows what it came to, compares digests.
 */
import { readFileSync } from 'node:fs';
import { createPhysics, loadScene, type LoadedScene, type Scene, type World } from '@inos/physics';
import { InosError, type JobOptions } from '@inos/sdk';
import { UsageError, type Arguments } from './arguments.js';
import type { CommandContext } from './command.js';
import { ExitCode } from './exit-codes.js';
import { formatCount, toHex } from './format.js';
import { isSystemError, reasonOf } from './system-error.js';
import type { Terminal } from './terminal.js';

const ACTIONS = ['run', 'verify'];
const STEP_BOUNDS = { minimum: 0, maximum: 2 ** 31 - 1 } as const;
const CREDIT_BOUNDS = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;
const DEADLINE_BOUNDS = { minimum: 0, maximum: 2 ** 31 - 1 } as const;
const DIGEST_BOUNDS = { minimum: 32, maximum: 32 } as const;
const STDIN = '-';

/** What the command line asks for. */
interface Request {
  readonly file: string;
  readonly steps: number;
  readonly every: number;
  /** The digest to compare with; only of `verify`. */
  readonly expected: string | undefined;
  readonly limits: JobOptions;
}

/** One digest on the way. */
interface Waypoint {
  readonly step: number;
  readonly digest: string;
}

function readRequest(args: Arguments, signal: AbortSignal): Request {
  const [action, file, extra] = args.positionals;
  if (action === undefined || !ACTIONS.includes(action)) {
    throw new UsageError(`physics takes run or verify, got ${action ?? 'neither'}`);
  }
  if (file === undefined) throw new UsageError(`physics ${action} needs a SCENE.json`);
  if (extra !== undefined) throw new UsageError(`physics ${action} takes one scene, got ${extra}`);
  const steps = args.integer('steps', STEP_BOUNDS);
  if (steps === undefined) throw new UsageError('--steps N is needed');
  const isVerify = action === 'verify';
  if (isVerify && args.has('digest-every')) throw new UsageError('--digest-every is for run');
  if (!isVerify && args.has('digest')) throw new UsageError('--digest is for verify');
  const budget = args.integer('budget', CREDIT_BOUNDS);
  const deadlineMs = args.integer('deadline-ms', DEADLINE_BOUNDS);
  return {
    file,
    steps,
    every: args.integer('digest-every', { minimum: 1, maximum: STEP_BOUNDS.maximum }) ?? 0,
    expected: isVerify ? toHex(args.bytes('digest', DIGEST_BOUNDS)) : undefined,
    limits: {
      signal,
      ...(budget === undefined ? {} : { budget: BigInt(budget) }),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    },
  };
}

/** What is wrong with a scene, as opposed to a bug of ours. */
class SceneError extends Error {
  override readonly name = 'SceneError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

function readScene(file: string): Scene {
  let text: string;
  try {
    text = readFileSync(file === STDIN ? 0 : file, 'utf8');
  } catch (error) {
    if (isSystemError(error)) throw new SceneError('scene/unreadable', reasonOf(error));
    throw error;
  }
  try {
    return JSON.parse(text) as Scene;
  } catch (error) {
    throw new SceneError('scene/not-json', (error as Error).message);
  }
}

async function load(physics: Parameters<typeof loadScene>[0], scene: Scene): Promise<LoadedScene> {
  try {
    return await loadScene(physics, scene);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) {
      throw new SceneError('scene/invalid', error.message);
    }
    throw error;
  }
}

/** Takes the steps, with a digest after each `every`. Budget and deadline hold for all of them together. */
async function walk(world: World, { steps, every, limits }: Request): Promise<Waypoint[]> {
  const waypoints: Waypoint[] = [];
  const stride = every === 0 ? Math.max(1, steps) : every;
  const endsAt = performance.now() + (limits.deadlineMs ?? 0);
  let { budget } = limits;
  for (let step = 0; step < steps;) {
    const count = Math.min(stride, steps - step);
    const { usage } = await world.step(count, {
      ...limits,
      ...(budget === undefined ? {} : { budget }),
      ...(limits.deadlineMs === undefined
        ? {}
        : { deadlineMs: Math.max(0, endsAt - performance.now()) }),
    });
    if (budget !== undefined) budget -= usage.charged;
    step += count;
    if (every > 0 && step % every === 0) {
      waypoints.push({ step, digest: toHex(await world.digest()) });
    }
  }
  if (steps === 0) await world.step(0);
  return waypoints;
}

function bodiesOf({ bodies, world }: LoadedScene) {
  const { states } = world.poses;
  return bodies.map((body) => ({
    translation: body.translation,
    rotation: body.rotation,
    linearVelocity: body.linearVelocity,
    angularVelocity: body.angularVelocity,
    sleeping: states[body.slot] === 2,
  }));
}

function printRun(
  terminal: Terminal,
  scene: LoadedScene,
  { steps }: Request,
  digest: string,
  waypoints: readonly Waypoint[],
): void {
  const { style } = terminal;
  for (const waypoint of waypoints) {
    terminal.print(`${String(waypoint.step).padStart(10)}  ${waypoint.digest}`);
  }
  for (const [index, body] of bodiesOf(scene).entries()) {
    const place = body.translation.map((axis) => axis.toFixed(3).padStart(10)).join('');
    const state = body.sleeping ? style('  asleep', 'dim') : '';
    terminal.print(`${style(String(index).padStart(6), 'dim')}${place}${state}`);
  }
  const row = (name: string, value: string) => `${style(name.padEnd(7), 'dim')} ${value}`;
  terminal.print(row('steps', formatCount(steps)));
  terminal.print(row('digest', style(digest, 'bold')));
}

async function runRequest(request: Request, args: Arguments, terminal: Terminal): Promise<number> {
  const scene = readScene(request.file);
  await using physics = await createPhysics();
  const loaded = await load(physics, scene);
  const waypoints = await walk(loaded.world, request);
  const digest = toHex(await loaded.world.digest());
  const { steps, expected, every } = request;
  const isJson = args.has('json');
  if (expected !== undefined) {
    const ok = digest === expected;
    if (isJson) terminal.print(JSON.stringify({ ok, steps, digest, expected }));
    else if (ok) terminal.print(`${terminal.style('equal', 'green')}  ${digest}`);
    else terminal.print(`${terminal.style('differs', 'red')}  ${digest}, expected ${expected}`);
    return ok ? ExitCode.OK : ExitCode.FAILED;
  }
  if (isJson) {
    const digests = every > 0 ? { digests: waypoints } : {};
    terminal.print(JSON.stringify({ steps, digest, bodies: bodiesOf(loaded), ...digests }));
  } else {
    printRun(terminal, loaded, request, digest, waypoints);
  }
  return ExitCode.OK;
}

const EXIT_CODES: Readonly<Record<string, number>> = {
  'job/out-of-budget': ExitCode.OUT_OF_BUDGET,
  'job/budget-too-small': ExitCode.OUT_OF_BUDGET,
  'credits/insufficient': ExitCode.OUT_OF_BUDGET,
  'job/expired': ExitCode.EXPIRED,
  'job/cancelled': ExitCode.INTERRUPTED,
};

/** Runs the command. */
export async function runPhysics({ args, terminal, signal }: CommandContext): Promise<number> {
  const request = readRequest(args, signal);
  try {
    return await runRequest(request, args, terminal);
  } catch (error) {
    if (!(error instanceof SceneError) && !(error instanceof InosError)) throw error;
    const { code, message } = error;
    if (args.has('json')) terminal.print(JSON.stringify({ error: { code, message } }));
    else terminal.complain(`inos physics: ${request.file}: ${message}`);
    return EXIT_CODES[code] ?? ExitCode.FAILED;
  }
}
