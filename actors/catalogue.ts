/** The actors that skein brings, each loaded when it is asked for: a peer's process starts with its own and no other. */
import type { Role } from '../src/role/define.ts'

const LOADERS: Readonly<Record<string, () => Promise<Role>>> = {
  planner: async () => (await import('./planner/index.ts')).planner,
  researcher: async () => (await import('./researcher/index.ts')).researcher,
  coder: async () => (await import('./coder/index.ts')).coder,
  reviewer: async () => (await import('./reviewer/index.ts')).reviewer,
  supervisor: async () => (await import('./supervisor/index.ts')).supervisor,
  solo: async () => (await import('./solo/index.ts')).solo,
}

export const ACTOR_NAMES: readonly string[] = Object.keys(LOADERS)

/** Those of the names that are actors of skein's own. */
export function loadActors(names: readonly string[] = ACTOR_NAMES): Promise<Role[]> {
  return Promise.all(names.flatMap((name) => (Object.hasOwn(LOADERS, name) ? [LOADERS[name]!()] : [])))
}
