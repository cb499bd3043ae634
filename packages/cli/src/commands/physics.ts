/** What the help of `inos physics` says. */
import type { Command } from '../command.js';
import { HELP } from './options.js';

export const physics: Command = {
  name: 'physics',
  summary: 'Step a scene of rigid bodies; the same digest on every machine',
  usage: 'run|verify SCENE.json --steps N [options]',
  description: [
    'run steps the scene and prints where its bodies are, or with --json all about',
    'them. verify steps it and compares the digest with the one given.',
    'SCENE.json may be - for standard input. What is wrong in a scene is named by its',
    'path, such as bodies[3].colliders[0].halfExtents.',
  ],
  options: [
    { name: 'steps', value: 'N', help: 'How many steps to take.' },
    { name: 'digest', value: 'HEX', help: 'verify: the 64 digits that the world shall come to.' },
    { name: 'digest-every', value: 'K', help: 'run: also the digest after each K steps.' },
    {
      name: 'budget',
      value: 'N',
      help: 'The most it may cost in micro-credits: 10, and 1 per started 100 body-steps.',
    },
    { name: 'deadline-ms', value: 'N', help: 'Stop after so many milliseconds.' },
    { name: 'json', help: 'Print one JSON object instead.' },
    HELP,
  ],
  sections: [
    {
      title: 'Scenes',
      lines: [
        '{ gravity, stepSeconds, bodies: [{ type, position, rotation: [x,y,z,w],',
        '  linearVelocity, colliders: [{ shape: "box", halfExtents, density, friction,',
        '  restitution, position, rotation }] }], joints: [{ type, body1, body2, … }] }',
        '@inos/physics/scene.schema.json describes all of it for editors.',
      ],
    },
    {
      title: 'Examples',
      lines: [
        '$ inos physics run pile.json --steps 600 --json | jq .digest',
        '$ inos physics run pile.json --steps 600 --digest-every 60',
        '$ inos physics verify pile.json --steps 600 --digest HEX',
      ],
    },
    {
      title: 'JSON',
      lines: [
        'run: { steps, digest, bodies: [{ translation, rotation, linearVelocity,',
        '  angularVelocity, sleeping }] }, with --digest-every K also digests:',
        '  [{ step, digest }]. verify: { ok, steps, digest, expected }.',
        'Instead, of a scene or a job that failed: { error: { code, message } }.',
      ],
    },
    {
      title: 'Exit codes',
      lines: [
        '0  stepped, and for verify the digests are equal',
        '1  the digests differ, or the scene can’t be read or is wrong',
        '2  the command line makes no sense',
        '3  the budget is spent, or too small to begin with',
        '4  the deadline passed',
        '130  Ctrl-C: the job was cancelled',
      ],
    },
  ],
  load: async () => (await import('../physics.js')).runPhysics,
};
