// What a user writes in a CommonJS module: the packages are ES modules, which import() loads.
async function main() {
  const { createMining } = await import('@inos/mining');
  const mining = await createMining({ threads: 2 });
  const digest = await mining.hash('sha256', new TextEncoder().encode('hello'));
  console.log(Buffer.from(digest).toString('hex'));
  await mining.close();
}

main();
