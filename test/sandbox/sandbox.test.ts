import { chooseSandbox } from '../../src/flock/choose-sandbox.ts'
import type { SandboxName } from '../../src/sandbox/sandbox.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { type SandboxRig, sandboxContract } from '../contracts/sandbox.ts'

async function rig(name: SandboxName, more: Omit<SandboxRig, 'sandbox'>): Promise<SandboxRig | string> {
  try {
    const { sandbox } = await chooseSandbox({ env: process.env, clock: systemClock(), sandbox: name })
    return { sandbox: sandbox!, ...more }
  } catch (error) {
    return (error as Error).message
  }
}

sandboxContract('unshare', await rig('unshare', { ownNetwork: true, ownProcesses: true, grace: true }))
sandboxContract('bubblewrap', await rig('bubblewrap', { ownNetwork: true, ownProcesses: true, grace: false }))
sandboxContract(
  'sandbox-exec',
  await rig('sandbox-exec', { ownNetwork: false, ownProcesses: false, grace: true }),
)
