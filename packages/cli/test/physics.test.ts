/** `inos physics`, as its users run it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inos } from './inos.js';

const BALL = { shape: 'ball', radius: 0.5 };
const SCENE = {
  gravity: [0, -9.81, 0],
  stepSeconds: 1 / 60,
  bodies: [
    {
      type: 'fixed',
      position: [0, -1, 0],
      colliders: [{ shape: 'box', halfExtents: [10, 1, 10] }],
    },
    { type: 'dynamic', position: [0, 3, 0], colliders: [BALL] },
    {
      type: 'dynamic',
      position: [1, 4, 0],
      rotation: [0, 0, 0, 1],
      linearVelocity: [1, 0, 0],
      colliders: [{ shape: 'convex-hull', points: [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1] }],
    },
  ],
  joints: [{ type: 'rope', body1: 1, body2: 2, length: 3 }],
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inos-physics-'));
  await writeFile(join(folder, 'scene.json'), JSON.stringify(SCENE));
});

afterAll(() => rm(folder, { recursive: true }));

const run = (...args: readonly string[]) => inos(['physics', ...args], { cwd: folder });

interface Outcome {
  readonly steps: number;
  readonly digest: string;
  readonly bodies: readonly { readonly translation: number[]; readonly sleeping: boolean }[];
  readonly digests: readonly { readonly step: number; readonly digest: string }[];
}

test('run prints every body as JSON, and verify takes its digest', async () => {
  const { code, stdout } = await run('run', 'scene.json', '--steps', '90', '--json');
  expect(code).toBe(0);
  const outcome = JSON.parse(stdout) as Outcome;
  expect(Object.keys(outcome)).toEqual(['steps', 'digest', 'bodies']);
  expect(outcome.steps).toBe(90);
  expect(outcome.digest).toMatch(/^[\da-f]{64}$/);
  expect(outcome.bodies).toHaveLength(3);
  expect(Object.keys(outcome.bodies[1] ?? {})).toEqual([
    'translation',
    'rotation',
    'linearVelocity',
    'angularVelocity',
    'sleeping',
  ]);
  expect(outcome.bodies[0]?.translation).toEqual([0, -1, 0]);
  expect(outcome.bodies[1]?.translation[1]).toBeLessThan(3);

  const verify = (digest: string) =>
    run('verify', 'scene.json', '--steps', '90', '--digest', digest);
  expect((await verify(outcome.digest)).code).toBe(0);
  const other = await verify('00'.repeat(32));
  expect(other.code).toBe(1);
  expect(other.stdout).toContain(outcome.digest);
});

test('digests on the way are those of shorter runs', async () => {
  const long = await run('run', 'scene.json', '--steps', '50', '--digest-every', '20', '--json');
  const { digests } = JSON.parse(long.stdout) as Outcome;
  expect(digests.map(({ step }) => step)).toEqual([20, 40]);
  const short = await run('run', 'scene.json', '--steps', '40', '--json');
  expect((JSON.parse(short.stdout) as Outcome).digest).toBe(digests[1]?.digest);
});

test.each([
  [
    { bodies: [{ ...SCENE.bodies[0], colliders: [{ shape: 'box', halfExtents: [1, 0, 1] }] }] },
    'bodies[0].colliders[0].halfExtents[1]',
  ],
  [{ bodies: [{ type: 'dynamic', rotation: [0, 0, 0, 3] }] }, 'bodies[0].rotation'],
  [{ bodies: [{ type: 'dynamic', positon: [0, 0, 0] }] }, 'bodies[0].positon'],
  [
    { bodies: [{ type: 'dynamic', colliders: [{ shape: 'ball', radius: '1' }] }] },
    'bodies[0].colliders[0].radius',
  ],
  [
    {
      bodies: [
        {
          type: 'fixed',
          colliders: [{ shape: 'convex-hull', points: [0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0] }],
        },
      ],
    },
    'bodies[0].colliders[0]',
  ],
  [{ ...SCENE, joints: [{ type: 'rope', body1: 1, body2: 7, length: 3 }] }, 'joints[0].body2'],
  [{ ...SCENE, joints: [{ type: 'revolute', body1: 1, body2: 2 }] }, 'joints[0].axis'],
  [{ ...SCENE, gravity: 'down' }, 'gravity'],
  [{ ...SCENE, stepSeconds: 0 }, 'stepSeconds'],
  [{ bodies: 3 }, 'bodies'],
  [[], 'the scene'],
])('a wrong scene is named by its path: %#', async (scene, path) => {
  await writeFile(join(folder, 'wrong.json'), JSON.stringify(scene));
  const { code, stdout, stderr } = await run('run', 'wrong.json', '--steps', '1');
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain(`wrong.json: ${path}`);
});

test('files that can’t be read, broken JSON, budgets and command lines', async () => {
  await writeFile(join(folder, 'broken.json'), '{');
  const missing = await run('run', 'none.json', '--steps', '1', '--json');
  expect([missing.code, JSON.parse(missing.stdout)]).toMatchObject([
    1,
    { error: { code: 'scene/unreadable' } },
  ]);
  expect((await run('run', 'broken.json', '--steps', '1')).code).toBe(1);
  expect((await run('run', 'scene.json', '--steps', '1000', '--budget', '12')).code).toBe(3);
  for (const args of [
    ['run', 'scene.json'],
    ['walk', 'scene.json', '--steps', '1'],
    ['run', '--steps', '1'],
    ['verify', 'scene.json', '--steps', '1'],
    ['run', 'scene.json', '--steps', '-1'],
  ]) {
    expect((await run(...args)).code).toBe(2);
  }
});
