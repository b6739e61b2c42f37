/** What models were asked, as a recording has it: the role's parts of a prompt in a blob, its transcript entry by entry. */
import type { KeptPrompt } from '../role/kept-prompt.ts'
import type { Prompt } from './prompt-changes.ts'
import { type Asked, bytesOf, type Recording } from './recording.ts'

export function recordedPrompts({ entries, blobs }: Pick<Recording, 'entries' | 'blobs'>) {
  const kept = new Map(blobs.map((blob) => [blob.hash, blob]))
  return ({ prompt, transcript }: Asked & { readonly kind: 'chat' }): Prompt => {
    const blob = prompt === null ? undefined : kept.get(prompt)
    return {
      parts: blob && (JSON.parse(Buffer.from(bytesOf(blob)).toString()) as KeptPrompt),
      transcript: transcript.map((digest) => entries.get(digest)!),
    }
  }
}
