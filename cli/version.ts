/** The version of this package. */
import { readFile } from 'node:fs/promises'

export async function version(): Promise<string> {
  // From `cli/` and from `dist/cli/`.
  for (const path of ['../package.json', '../../package.json']) {
    const text = await readFile(new URL(path, import.meta.url), 'utf8').catch(() => undefined)
    if (text !== undefined) return (JSON.parse(text) as { version: string }).version
  }
  return 'unknown'
}
