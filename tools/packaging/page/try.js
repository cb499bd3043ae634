// Tries every feature once the page has done its own work, and says how that went and what the page shows.
import { tryFeatures } from './features.js';

const shown = document.querySelector('output');
while (shown.textContent === '') await new Promise((resolve) => setTimeout(resolve, 10));
globalThis.outcomes = { ...(await tryFeatures()), shown: shown.textContent };
