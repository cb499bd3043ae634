import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inos } from './inos.js';

const COMMANDS = ['hash', 'mine', 'demo', 'top', 'doctor'];

describe('inos', () => {
  it('explains itself', async () => {
    const run = await inos(['--help']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    for (const command of COMMANDS) expect(run.stdout).toContain(`inos ${command}`);
    expect((await inos([])).stdout).toBe(run.stdout);
    expect((await inos(['help'])).stdout).toBe(run.stdout);
  });

  it.each(COMMANDS)('explains %s with examples and exit codes in 80 columns', async (command) => {
    const run = await inos([command, '--help']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain('Examples\n');
    expect(run.stdout).toMatch(new RegExp(`^ {2}\\$ inos ${command}`, 'm'));
    expect(run.stdout).toContain('Exit codes\n');
    expect(Math.max(...run.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect((await inos(['help', command])).stdout).toBe(run.stdout);
  });

  it('tells its version', async () => {
    const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
    const manifest: unknown = JSON.parse(text);
    const { stdout } = await inos(['--version']);
    expect(manifest).toMatchObject({ version: stdout.trim() });
  });

  it('hints at what was meant', async () => {
    const mistakes: readonly (readonly [string, ...string[]])[] = [
      ['there is no command "hsah" (did you mean hash?)', 'hsah'],
      [
        'there is no command "fly" (the commands are hash, mine, pow, physics, demo, top, capsule, doctor)',
        'fly',
      ],
      ['there is no command "fly"', 'help', 'fly'],
      ['there is no option "--algoritm" (did you mean --algorithm?)', 'hash', '--algoritm', 'x'],
      ['there is no option "-x"', 'hash', '-x'],
      ['there is no option "--nope"', '--nope'],
      ['--algorithm needs a value: --algorithm NAME', 'hash', '--algorithm'],
      ['--json takes no value, got "yes"', 'mine', '--json=yes'],
      ['demo takes one file, got another: b', 'demo', 'a', 'b'],
    ];
    const runs = await Promise.all(mistakes.map(([, ...args]) => inos(args)));
    for (const [index, [message]] of mistakes.entries()) {
      expect(runs[index]).toMatchObject({ code: 2, stdout: '' });
      expect(runs[index]?.stderr).toContain(message);
      expect(runs[index]?.stderr).toMatch(/^Try: inos.* --help$/m);
    }
  });
});
