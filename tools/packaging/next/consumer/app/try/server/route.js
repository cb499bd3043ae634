// Tries every feature on the server and says how that went.
import { tryFeatures } from '../../../features.js';

export async function POST() {
  return Response.json(await tryFeatures());
}
