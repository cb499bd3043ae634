/** The worker that runs a capsule for a page that can't share memory with it. */
import { LoneHost } from './isolation/lone-main.js';
import type { LoneTask } from './isolation/lone-messages.js';
import { installPlatform } from './platform.js';
import { webPlatform } from './platform.web.js';

installPlatform(webPlatform);

let host: LoneHost | undefined;

globalThis.onmessage = ({ data }: MessageEvent<LoneTask>) => {
  if (data.kind === 'open') {
    host = new LoneHost(data, (message) => {
      const bytes = message.kind === 'ended' ? message.written.map(({ buffer }) => buffer) : [];
      globalThis.postMessage(message, { transfer: bytes });
    });
  } else if (data.kind === 'start') {
    void host?.start();
  } else {
    host?.run(data);
  }
};
