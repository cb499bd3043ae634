// Tries every feature and prints how that went.
import('./features.js')
  .then(({ tryFeatures }) => tryFeatures())
  .then((outcomes) => console.log(JSON.stringify(outcomes)));
