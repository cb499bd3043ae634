// Documents of which programs write a part: what lies between the marks `<!-- NAME: … -->` and `<!-- end of NAME -->`.
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { Failure } from './process.mjs';

/** A document's text, and the pieces of it around and in its part of that name. */
function split(document, name) {
  const text = readFileSync(document, 'utf8');
  const marks = new RegExp(`^([^]*<!-- ${name}: .* -->\\n)([^]*?)(<!-- end of ${name} -->[^]*)$`);
  const [, before, part, after] = marks.exec(text) ?? [];
  if (part === undefined) throw new Failure(`${document} has no place for the ${name}`);
  return { before, part, after };
}

/** What stands in a document's part. @returns {string} */
export function readPart(document, name) {
  return split(document, name).part;
}

/** Writes a document's part, as Prettier has it. */
export async function writePart(document, name, part) {
  const { before, after } = split(document, name);
  const style = { ...(await resolveConfig(document)), filepath: document };
  writeFileSync(document, await format(`${before}\n${part}\n\n${after}`, style));
}
