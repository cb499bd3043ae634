// A route handler: the capsule's threads run in the server's process.
import { createMining } from '@inos/mining';

const mining = createMining({ threads: 2 });

export async function POST(request) {
  const digest = await (await mining).hash('sha256', await request.bytes());
  return new Response(Buffer.from(digest).toString('hex'));
}
