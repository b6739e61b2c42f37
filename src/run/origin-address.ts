/** How the origin of a run is reached: every conversation of the run knows it, since its stake goes there. */
import { peerId, type RunId, roleName } from '../../protocols/ids.ts'

export const ORIGIN_ROLE = roleName('origin')
/** Conversation of the origin, and that of the first message it sends, by name inside the run. */
export const ORIGIN_CONVERSATION = 'origin'
export const GOAL_CONVERSATION = 'goal'

/** Every run has an origin of its own. */
export const originPeer = (run: RunId) => peerId(`origin-${run}`)
