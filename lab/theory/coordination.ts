/**
 * What working together costs, against one agent that does the same job alone.
 *
 * The first five are those of Y. Kim et al., "Towards a Science of Scaling Agent Systems", arXiv 2512.08296v2, section
 * 4.1, "Metrics and validation". MAS is the system of several agents, SAS that of one, T the reasoning turns of a task.
 * A turn of the lab is an answer of a model. The last is our own.
 */
import { InvalidError } from '../../protocols/errors.ts'

/**
 * "Coordination overhead O = (T_MAS - T_SAS) / T_SAS x 100%", here as a share: 2.85 for their 285 % of centralised
 * systems. Turns of several agents and of one; tokens or messages, where those are compared.
 */
export function coordinationOverhead(turns: number, turnsAlone: number): number {
  return (turns - turnsAlone) / turnsAlone
}

/** "Message density c (inter-agent messages per reasoning turn)". */
export function messageDensity(messages: number, turns: number): number {
  return messages / turns
}

/**
 * "Redundancy rate R (mean cosine similarity of agent output embeddings)", over all pairs of agents: 1 where all say the
 * same. The vectors are of one length.
 * @throws InvalidError `invalid.embeddings` for fewer than two, or one that is zero
 */
export function redundancyRate(embeddings: readonly (readonly number[])[]): number {
  const lengths = embeddings.map((vector) => Math.hypot(...vector))
  if (embeddings.length < 2 || lengths.includes(0)) {
    throw new InvalidError(
      'embeddings',
      `redundancy compares the outputs of agents: got ${embeddings.length}, give two or more, none of them zero`,
    )
  }
  let [sum, pairs] = [0, 0]
  for (const [i, one] of embeddings.entries()) {
    for (let j = i + 1; j < embeddings.length; j++) {
      const dot = one.reduce((total, value, axis) => total + value * (embeddings[j]![axis] ?? 0), 0)
      sum += dot / (lengths[i]! * lengths[j]!)
      pairs++
    }
  }
  return sum / pairs
}

/**
 * "Coordination efficiency E_c = S / (T / T_SAS) (success normalized by relative turn count)". `success` is the share of
 * the runs that succeed, 0 to 1; of one agent, E_c is its success.
 */
export function coordinationEfficiency(success: number, turns: number, turnsAlone: number): number {
  return success / (turns / turnsAlone)
}

/**
 * "Error amplification A_e = E_MAS / E_SAS (relative failure probability)": above 1 where together they fail more often
 * than one alone. Infinity where only together they fail, 1 where nobody does.
 */
export function errorAmplification(failures: number, failuresAlone: number): number {
  return failures === failuresAlone ? 1 : failures / failuresAlone
}

/**
 * Share of the work done that was done again: (done - needed) / done, 0 where nothing was. Ours: it stands for
 * redundancy where agents are simulated and what they say has no meaning that could be compared.
 */
export function repeatedWork(done: number, needed: number): number {
  return done === 0 ? 0 : (done - needed) / done
}
