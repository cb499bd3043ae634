'use client';

// Tries every feature in the browser and says how that went.
import { useEffect } from 'react';

export default function Page() {
  useEffect(() => {
    import('../../features.js')
      .then(({ tryFeatures }) => tryFeatures())
      .then((outcomes) => {
        globalThis.outcomes = outcomes;
      });
  }, []);
  return null;
}
