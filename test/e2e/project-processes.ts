/** The processes of a project: the peers that are there, and its private server. */
import { expect, vi } from 'vitest'
import { findEmbeddedNats } from '../../src/embedded/embedded.ts'
import type { Project } from './project.ts'
import { lives } from './skein-process.ts'

export type ProjectProcesses = { readonly peers: readonly number[]; readonly server: number }

/** More than the life of a lease, on a busy machine. */
const GONE_MS = 90_000

export async function processesOf(project: Project): Promise<ProjectProcesses> {
  const { stdout } = await project.skein(['ps', '--json']).ended
  const peers = (JSON.parse(stdout) as { pid?: number }[]).flatMap(({ pid }) => pid ?? [])
  return { peers, server: (await findEmbeddedNats(project.stateDir))!.pid }
}

/** Resolves when none of them lives any more. */
export async function gone(pids: readonly number[]): Promise<void> {
  await vi.waitFor(() => expect(pids.filter(lives)).toEqual([]), { timeout: GONE_MS, interval: 50 })
}
