/**
 * Finds the capsules that a project uses, by what its manifest says: a capsule depends on `@inos/sdk`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The direct dependencies of the project at `root` that depend on `@inos/sdk`, by their names. */
export function capsulePackages(root: string): string[] {
  const project = upwards(resolve(root), 'package.json');
  if (project === undefined) return [];
  const { dependencies, devDependencies } = readManifest(project);
  return Object.keys({ ...dependencies, ...devDependencies }).filter((name) => {
    const file = upwards(dirname(project), join('node_modules', name, 'package.json'));
    if (file === undefined) return false;
    const manifest = readManifest(file);
    return '@inos/sdk' in { ...manifest.dependencies, ...manifest.peerDependencies };
  });
}

/** The file of that relative path in a folder, or in the nearest folder above that has it. */
function upwards(folder: string, path: string): string | undefined {
  const file = join(folder, path);
  if (existsSync(file)) return file;
  const parent = dirname(folder);
  return parent === folder ? undefined : upwards(parent, path);
}

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}
