// `pnpm start`: builds the page and serves it.
import { createPage } from './server.mjs';

const PORT = 8080;
createPage().listen(PORT, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${PORT}/\n`);
});
