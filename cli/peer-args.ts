/** The command line of a peer process, as `skein run` starts it. No secrets: those go by the environment. */
import { fileURLToPath } from 'node:url'
import type { PeerArgs } from '../src/flock/gather.ts'
import type { Roles } from './input/roles.ts'
import type { Settings } from './input/settings.ts'

// From `dist/cli` and from `dist/command-line`.
const PROCESS = fileURLToPath(new URL('../cli/peer-process.js', import.meta.url))
/** The same in one piece, which starts in less than half the time. */
const BUNDLED = fileURLToPath(new URL('../peer-process/peer-process.js', import.meta.url))

/** A role that cannot be named on a command line has no process of its own. */
export const peerArgs =
  (roles: Roles, settings: Settings & { readonly model: string | undefined }): PeerArgs =>
  (role) => {
    if (roles.get(role.name) !== role) return undefined
    const { stateDir, configFile, config, model } = settings
    // A module of one's own imports skein, and would bring a second one into the bundle's process.
    const ownModules = (config.roles ?? []).length > 0
    return [
      ownModules ? PROCESS : BUNDLED,
      role.name,
      ...['--state-dir', stateDir],
      ...(configFile === undefined ? [] : ['--config', configFile]),
      ...(model === undefined ? [] : ['--model', model]),
    ]
  }
