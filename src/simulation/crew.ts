/** The posts of a flock: one for each peer of its crew, and further ones for those who join. */
import { hostPeers } from '../peer/host-peers.ts'
import type { Role } from '../role/define.ts'
import type { Agents } from './agents.ts'
import type { SimulatedFlock } from './flock.ts'
import type { Post } from './population.ts'

export interface Crew {
  readonly posts: readonly Post[]
  /** A further post, of one of the roles. @param which a share of the roles, from 0 to 1 */
  hire(which: number): Post
}

export function createCrew({ crew }: SimulatedFlock, agents: Agents): Crew {
  const sizes = new Map(crew.map(({ role, count }) => [role, count]))

  /** Its processes take whatever name of the role is free. */
  const postOf = (role: Role, number: number): Post => ({
    name: `${role.name}.${number}`,
    role: role.name,
    host: (ports, witness) =>
      hostPeers({
        ...ports,
        roles: [{ role: agents.role(role, witness) }],
        modelFor: () => agents.model(role, ports.clock, witness),
      }),
  })

  return {
    posts: crew.flatMap(({ role, count }) =>
      Array.from({ length: count }, (_, index) => postOf(role, index + 1)),
    ),
    hire(which) {
      const { role } = crew[Math.floor(which * crew.length)]!
      const number = sizes.get(role)! + 1
      sizes.set(role, number)
      return postOf(role, number)
    },
  }
}
