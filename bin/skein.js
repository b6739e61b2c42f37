#!/usr/bin/env node
/**
 * `skein`, once it is built. It is there before: `npx` keeps what it found of a package, and would go on finding no
 * command in a clone in which it was asked for one before the first build.
 */
import { existsSync } from 'node:fs'

const built = new URL('../dist/cli/main.js', import.meta.url)
if (existsSync(built)) await import(built.href)
else {
  console.error('skein: this clone is not built yet: npm run build')
  process.exitCode = 2
}
