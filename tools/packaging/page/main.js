// What a user writes for a page: a hash, computed on the capsule's threads.
import { createInos } from '@inos/sdk';
import { mining } from '@inos/mining';

const inos = await createInos({ capsules: { mining: mining({ threads: 2 }) } });
const digest = await inos.mining.hash('sha256', new TextEncoder().encode('hello'));
document.querySelector('output').textContent = [...digest]
  .map((byte) => byte.toString(16).padStart(2, '0'))
  .join('');
