/**
 * The page: the element, a slider for its share of the time, and a plot of its hash rate.
 */
import { defineInosPow } from '@inos/mining/element';
import { drawPlot, type Sample } from './plot.js';

defineInosPow();

function element<E extends Element>(selector: string): E {
  const found = document.querySelector<E>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}

const pow = document.querySelector('inos-pow');
if (pow === null) throw new Error('the page has no inos-pow');
const share = element<HTMLInputElement>('#share');
const rate = element<HTMLOutputElement>('#rate');
const plot = element<HTMLCanvasElement>('#plot');
const samples: Sample[] = [];
let last = { hashes: 0, at: 0 };

share.addEventListener('input', () => {
  pow.cpuShare = share.valueAsNumber / 100;
});

pow.addEventListener('statechange', ({ detail }) => {
  if (detail.state !== 'working') return;
  samples.length = 0;
  last = { hashes: 0, at: performance.now() };
});

pow.addEventListener('progress', ({ detail: { hashes, expectedHashes } }) => {
  const now = performance.now();
  // Over all the time that passes, pauses too: what the share of the time makes of it.
  const perSecond = ((hashes - last.hashes) * 1000) / Math.max(now - last.at, 1);
  last = { hashes, at: now };
  samples.push({ share: hashes / expectedHashes, perSecond });
  drawPlot(plot, samples);
  const millions = (value: number) => (value / 1e6).toFixed(1);
  rate.value = `${millions(perSecond)} million hashes a second, ${millions(hashes)} million so far`;
});

drawPlot(plot, samples);
