// Finds or installs the `capnp` tool. Only who changes a schema, or checks that the generated code is what
// the schemas say, needs it.
import { aptInstall } from './apt.mjs';
import { which } from './process.mjs';

/** Makes sure that `capnp` is in PATH. */
export async function ensureCapnp() {
  if (!which('capnp'))
    await aptInstall(['capnproto'], 'to generate code from schemas/ (the capnp tool)');
}
