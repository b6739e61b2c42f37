/** Peers in this process: a scratch folder for their tools, and who they are. */
import { mkdir } from 'node:fs/promises'
import { type HostedPeers, hostPeers } from '../peer/host-peers.ts'
import type { ProcessPorts } from '../peer/process.ts'
import type { ChosenModel } from './choose-model.ts'
import type { Member, Wanted } from './muster.ts'

export type HostedHere = { readonly hosted: HostedPeers; readonly members: readonly Member[] }

export async function hostHere(ports: ProcessPorts, roles: Wanted, model: ChosenModel): Promise<HostedHere> {
  if (roles.length > 0) await mkdir(ports.scratch, { recursive: true, mode: 0o700 })
  const calling = { rates: model.ratesOn(ports), fallbacks: model.fallbacks }
  const hosted = await hostPeers({ ...ports, roles, calling, modelFor: model.modelFor })
  const members = hosted.peers.map(({ peer, role }) => ({
    peer,
    role: role as Member['role'],
    pid: ports.pid,
    model: model.name,
    ...(ports.sandbox && { sandbox: ports.sandbox.name }),
  }))
  return { hosted, members }
}
