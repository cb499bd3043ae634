// What a user writes in TypeScript.
import { createMining } from '@inos/mining';

const mining = await createMining({ threads: 2 });
const digest: Uint8Array = await mining.hash('sha256', new TextEncoder().encode('hello'));
console.log(Buffer.from(digest).toString('hex'));
await mining.close();
