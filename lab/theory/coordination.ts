/**
 * What working together costs, against one agent that does the same job alone.
 *
 * As Y. Kim et al. define it, "Towards a Science of Scaling Agent Systems", arXiv 2512.08296v2, section 4.1, "Metrics and
 * validation". MAS is the system of several agents, SAS that of one, T the reasoning turns of a task. A turn of the lab is
 * an answer of a model. Two more of that section are left out: redundancy, since what simulated agents say has no meaning
 * to compare, and error amplification, since the published factors contradict their own definition (see
 * docs/when-peers-win.md).
 */

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
 * "Coordination efficiency E_c = S / (T / T_SAS) (success normalized by relative turn count)". `success` is the share of
 * the runs that succeed, 0 to 1; of one agent, E_c is its success.
 */
export function coordinationEfficiency(success: number, turns: number, turnsAlone: number): number {
  return success / (turns / turnsAlone)
}
