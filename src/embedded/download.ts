/**
 * A file over HTTP, bounded in time and size. Proxies that the environment names are not used: Node's `fetch` knows
 * them from version 24 on. Behind one, name a mirror, a binary, or let apt do it.
 */
import type { Clock } from '../time/clock.ts'
import { deadline } from './deadline.ts'
import { EmbeddedNatsError, reasonOf } from './errors.ts'

/** Until the answer begins, redirects included: many machines drop what goes to the outside without a word. */
const ANSWER_MS = 10_000
/** Until the file is here. */
const WHOLE_MS = 120_000
/** The release archives are about 7 MB. */
const LIMIT_BYTES = 64 * 1024 * 1024

export type DownloadOptions = { readonly clock: Clock; readonly signal: AbortSignal }

/** @throws EmbeddedNatsError, or the signal's reason */
export async function download(url: string, { clock, signal }: DownloadOptions): Promise<Buffer> {
  const whole = deadline(clock, WHOLE_MS, url, signal)
  const answer = deadline(clock, ANSWER_MS, url, whole.signal)
  try {
    const response = await fetch(url, { signal: answer.signal })
    answer.clear()
    if (!response.ok || response.body === null) {
      await response.body?.cancel()
      throw new EmbeddedNatsError('download', `${url} answered ${response.status}`)
    }
    const chunks: Uint8Array[] = []
    let bytes = 0
    for await (const chunk of response.body) {
      bytes += chunk.length
      if (bytes > LIMIT_BYTES) {
        throw new EmbeddedNatsError('download', `${url} sent more than ${LIMIT_BYTES} bytes`)
      }
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } catch (cause) {
    whole.signal.throwIfAborted()
    if (cause instanceof EmbeddedNatsError) throw cause
    throw new EmbeddedNatsError('download', `${url}: ${reasonOf(cause)}`, { cause })
  } finally {
    answer.clear()
    whole.clear()
  }
}
