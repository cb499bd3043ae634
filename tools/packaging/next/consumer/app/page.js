'use client';

import { useEffect, useState } from 'react';

// Loaded in the browser only: on the server the page is rendered without it.
async function sha256(text) {
  const { createMining } = await import('@inos/mining');
  const mining = await createMining({ threads: 2 });
  const digest = await mining.hash('sha256', new TextEncoder().encode(text));
  await mining.close();
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export default function Page() {
  const [digest, setDigest] = useState('');
  useEffect(() => {
    sha256('hello').then(setDigest);
  }, []);
  return <output>{digest}</output>;
}
