/**
 * What is put together from many files. The command line, and the processes that a run starts for skein's own actors, in
 * a few files instead of some three hundred: loading modules is nearly all that such a start costs. Vendors that not
 * every process needs stay outside, loaded when they are used. And the scripts of `skein trace --html` and of the lab's report, each in one.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Puts the licences of what went into the bundle beside it. */
const licences = {
  name: 'licences',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'LICENCES.txt', source: licencesOf([...this.getModuleIds()]) })
  },
}

/** A report is given away as one file, so its script carries the licences as well. */
const licencesInside = ({ moduleIds }) => `/*\n${licencesOf(moduleIds).replaceAll('*/', '* /')}\n*/`

function licencesOf(moduleIds) {
  const folders = moduleIds.flatMap((id) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? [])
  return [...new Set(folders)].sort().map(licenceOf).join('\n\n')
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file === undefined)
    throw new Error(`${name} ${version} brings no licence text: leave it out of the bundle`)
  return `== ${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}`
}

const external = [/^@opentelemetry\//, /^@modelcontextprotocol\//, 'openai', 'gpt-tokenizer']

// Each in a folder of its own: what they share would be cut into many small files.
const peerProcess = {
  input: 'cli/peer-process.ts',
  platform: 'node',
  external,
  plugins: [licences],
  output: { dir: 'dist/peer-process', cleanDir: true },
}

const commandLine = {
  input: { 'command-line': 'cli/command-line.ts', thread: 'lab/thread.ts' },
  platform: 'node',
  external,
  plugins: [licences],
  output: { dir: 'dist/command-line', cleanDir: true },
}

const page = {
  input: 'traces/page/browser/main.ts',
  platform: 'browser',
  output: { file: 'dist/page/script.js', format: 'iife' },
}

const report = {
  input: 'lab/report/browser/main.ts',
  platform: 'browser',
  plugins: [licences],
  output: { file: 'dist/lab/script.js', format: 'iife', minify: true, postBanner: licencesInside },
}

export default [peerProcess, commandLine, page, report]
