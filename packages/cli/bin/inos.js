#!/usr/bin/env node
// The `inos` command. It is a file of its own, not dist/main.js, so that a fresh checkout can link it
// into node_modules/.bin before anything is built.
import '../dist/main.js';
