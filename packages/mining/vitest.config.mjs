// As every package, and with a GPU for Node where the machine has Chromium, whose software driver Dawn can use.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mergeConfig } from 'vitest/config';
import shared from '../../vitest.shared.mjs';

/** Where Debian's chromium keeps its Vulkan loader and driver. */
const DRIVERS = '/usr/lib/chromium';
const DRIVER = join(DRIVERS, 'vk_swiftshader_icd.json');

const env = existsSync(DRIVER)
  ? { VK_DRIVER_FILES: DRIVER, LD_LIBRARY_PATH: DRIVERS, INOS_DAWN: 'backend=vulkan' }
  : {};

export default (environment) =>
  mergeConfig(shared(environment), { test: environment.mode === 'test' ? { env } : {} });
