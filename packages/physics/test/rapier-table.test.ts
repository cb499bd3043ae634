/** The tables of docs/guide/rapier-js.md have every public name of rapier.js, and an answer to each. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const PEER = '@dimforge/rapier3d-deterministic-compat';
const document = readFileSync(new URL('../../../docs/guide/rapier-js.md', import.meta.url), 'utf8');
/** Of rapier.js's binding, whichever class has them. */
const EVERYWHERE = 'Memory of the binding';
/** What is exported, but no class, enum or interface of its own. */
const MODULE = 'Module';

interface Row {
  readonly names: readonly string[];
  readonly answer: string;
}

/** The tables by the names in their headings. */
function readTables(): Map<string, Row[]> {
  const tables = new Map<string, Row[]>();
  for (const section of document.split('\n## ').slice(1)) {
    const [heading = '', ...lines] = section.split('\n');
    const rows = lines
      .filter((line) => line.startsWith('| `'))
      .map((line) => {
        const [, left = '', answer = ''] = line.split('|');
        const names = [...left.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
        return { names, answer: answer.trim() };
      });
    for (const name of heading.split(', ')) tables.set(name, rows);
  }
  return tables;
}

const isHidden = (member: ts.Declaration) =>
  (ts.getCombinedModifierFlags(member) &
    (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !==
  0;

/** The names of a class's, an enum's or an interface's own members. */
function membersOf(declaration: ts.Declaration): string[] {
  if (
    !ts.isClassDeclaration(declaration) &&
    !ts.isEnumDeclaration(declaration) &&
    !ts.isInterfaceDeclaration(declaration)
  ) {
    return [];
  }
  const members: readonly ts.Declaration[] = [...declaration.members];
  return members.flatMap((member) => {
    const name = ts.getNameOfDeclaration(member);
    return name === undefined || isHidden(member) ? [] : [name.getText()];
  });
}

/** All that rapier.js exports, with its public members. */
function readPeer(): Map<string, Set<string>> {
  const options = {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const found = ts.resolveModuleName(PEER, fileURLToPath(import.meta.url), options, ts.sys);
  const entry = found.resolvedModule?.resolvedFileName ?? PEER;
  const program = ts.createProgram([entry], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${entry} is no module`);
  const exported = checker.getExportsOfModule(module).map((symbol) => {
    const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    const { declarations = [] } = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
    return [symbol.name, new Set(declarations.flatMap(membersOf))] as const;
  });
  return new Map(exported);
}

const tables = readTables();
const peer = readPeer();
const namesIn = (table: string) => (tables.get(table) ?? []).flatMap(({ names }) => names);

test('it is a package with as many names as are known', () => {
  const names = [...peer.values()].reduce((sum, members) => sum + members.size, 0);
  expect(peer.size).toBeGreaterThan(120);
  expect(names).toBeGreaterThan(1200);
});

test('no row is without an answer', () => {
  const unanswered = [...tables.values()].flat().filter(({ answer }) => !/\w{3}/.test(answer));
  expect(unanswered).toEqual([]);
});

test('every name is in its table', () => {
  const everywhere = new Set(namesIn(EVERYWHERE));
  const ofModule = new Set(namesIn(MODULE));
  const missing = [...peer].flatMap(([name, members]) => {
    if (ofModule.has(name)) return [];
    const listed = new Set(namesIn(name));
    const all = [...members].filter((member) => !everywhere.has(member) && !listed.has(member));
    return tables.has(name) ? all.map((member) => `${name}.${member}`) : [name];
  });
  expect(missing).toEqual([]);
});

test('no table has a name that there isn’t', () => {
  const known = [...peer.values()].flatMap((members) => [...members]);
  expect(namesIn(EVERYWHERE).filter((name) => !known.includes(name))).toEqual([]);
  expect(namesIn(MODULE).filter((name) => !peer.has(name))).toEqual([]);
  const unknown = [...tables.keys()]
    .filter((name) => name !== EVERYWHERE && name !== MODULE)
    .filter((name) => !peer.has(name));
  expect(unknown).toEqual([]);
  for (const rows of new Set(tables.values())) {
    const owners = [...tables].filter(([, other]) => other === rows).map(([name]) => name);
    const members = new Set(owners.flatMap((name) => [...(peer.get(name) ?? [])]));
    if (members.size === 0) continue;
    const names = rows.flatMap((row) => row.names);
    expect([owners, names.filter((name) => !members.has(name))]).toEqual([owners, []]);
  }
});
