/** What of a prompt is the same for every call of a role, kept with the run: the journal names it for each call. */
import type { BlobHash, RunId } from '../../protocols/ids.ts'
import type { Blobs } from '../bus/blobs.ts'
import type { Role } from './define.ts'
import { promptOf, type RolePrompt } from './role-prompt.ts'

export type KeptPrompt = RolePrompt & { readonly parameters: Role['model'] }

export const keptPromptOf = (role: Role): KeptPrompt => ({ ...promptOf(role), parameters: role.model })

/** Keeps it in a blob, once a run, and answers its hash. */
export function promptKeeper(prompt: KeptPrompt, blobs: Blobs): (run: RunId) => Promise<BlobHash> {
  const bytes = new TextEncoder().encode(JSON.stringify(prompt))
  let last: { readonly run: RunId; readonly hash: BlobHash } | undefined
  return async (run) => {
    if (last?.run !== run) last = { run, hash: await blobs.put(bytes) }
    return last.hash
  }
}
