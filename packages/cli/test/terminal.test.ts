import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** util-linux's `script` gives a command a terminal and writes down what appears on it. */
const hasScript = String(spawnSync('script', ['--version']).stdout).includes('util-linux');
const PROGRAM = fileURLToPath(new URL('../bin/inos.js', import.meta.url));
const ESCAPE = '\u001b';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'inos-terminal-'));
  writeFileSync(join(folder, 'file'), 'hello');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function onTerminal(command: string, environment: NodeJS.ProcessEnv = {}): string {
  const line = command.replace(/^inos/, `"${process.execPath}" "${PROGRAM}"`);
  const { NO_COLOR: _, ...inherited } = process.env;
  const env = { ...inherited, TERM: 'xterm-256color', ...environment };
  const args = ['-q', '-e', '-c', line, '/dev/null'];
  return spawnSync('script', args, { cwd: folder, env, encoding: 'utf8' }).stdout;
}

describe.skipIf(!hasScript)('on a terminal', () => {
  it('colours the help, unless NO_COLOR is set', () => {
    expect(onTerminal('inos --help')).toContain(`${ESCAPE}[1m`);
    expect(onTerminal('inos --help', { NO_COLOR: '1' })).not.toContain(ESCAPE);
    expect(onTerminal('inos --help', { TERM: 'dumb' })).not.toContain(ESCAPE);
  });

  it('shows progress and takes it away', () => {
    const target = `${'0'.repeat(63)}1`;
    const header = '00'.repeat(80);
    const mine = `inos mine --header ${header} --target ${target} --deadline-ms 1500`;
    const shown = onTerminal(mine);
    expect(shown).toMatch(/░ \d\.\d % of the range {2}[\d,]+ hashes/);
    const afterwards = shown.slice(shown.lastIndexOf('% of the range'));
    expect(afterwards).toMatch(new RegExp(`hashes {2}[^\\r]*\\r${ESCAPE}\\[K`));
    // Results alone can be redirected; the bar stays on the terminal.
    expect(onTerminal(`${mine} >out`)).toContain('of the range');
    expect(onTerminal(`${mine} 2>err`)).not.toContain('of the range');
  });

  it('leaves nothing behind for quick work', () => {
    expect(onTerminal('inos hash file')).toMatch(/^[\da-f]{64} {2}file\r\n$/);
  });
});
