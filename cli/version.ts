/** What this package says of itself. */
import { readFile } from 'node:fs/promises'

export type Manifest = { readonly version: string; readonly dependencies: Readonly<Record<string, string>> }

/** Undefined where the command line was taken out of its package. */
export async function manifest(): Promise<Manifest | undefined> {
  // From `cli/` and from `dist/cli/`.
  for (const path of ['../package.json', '../../package.json']) {
    const text = await readFile(new URL(path, import.meta.url), 'utf8').catch(() => undefined)
    if (text !== undefined) return JSON.parse(text) as Manifest
  }
  return undefined
}

export const version = async (): Promise<string> => (await manifest())?.version ?? 'unknown'
