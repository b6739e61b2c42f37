/** What whoever has agents work on a workspace must know: whether something contains the code that they run. */
const WHAT = "the workspace's commands and tests, with code that agents wrote,"

/** @param sandbox as a run says it: null where some of its commands are not contained */
export const containmentText = (sandbox: string | null): string =>
  sandbox === null
    ? `${WHAT} are not contained: they run with your rights and in no sandbox. "skein doctor" tells how to get one`
    : `${WHAT} run in a sandbox (${sandbox})`

/** Of many runs, before the first one says which. */
export const LAB_TEXT = `${WHAT} run in a sandbox where one works here, else with your rights: "skein doctor" tells`
